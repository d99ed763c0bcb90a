"""Where a pseudonym may begin, for any text."""
# ruff: noqa: RUF001  letters that look alike are what is tested

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ai_gateway.treatment.placeholder import next_start

# What ``next_start`` finds, in one expression, which is tried at every character and so takes several times longer.
START = re.compile(r"[<＜‹⟨&%\\\[]|(?<!\w)[A-Z](?=[A-Z]|\Z)")
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="AZaz_19 .<＜‹⟨&%\\[>]\n\u00e9\u00c9\u0301\u212a\uff21\u0660\u738b\u00b2", max_size=40),
    st.lists(st.sampled_from(("CLIENT_1", "<", " ", "A", "b", "_", "\\", "PERSON", "é", "1", ".")), max_size=12).map(
        "".join
    ),
)


@settings(max_examples=500)
@given(TEXTS)
def test_the_next_start_is_where_the_expression_finds_it_from_every_place_on(text: str) -> None:
    for at in range(len(text) + 1):
        found = START.search(text, at)
        assert next_start(text, at) == (found.start() if found else len(text))
