import math

import pytest

from ai_gateway.sharelog.canonical import Json, NotCanonical, canonical, is_canonical


def test_keys_are_sorted_and_nothing_is_spaced() -> None:
    assert canonical({"b": [1, True, None], "a": "x"}) == b'{"a":"x","b":[1,true,null]}'


def test_text_is_utf8_with_only_the_escapes_that_json_needs() -> None:
    assert canonical('é\u20ac\x7f"\\\n\x01') == "é\u20ac\x7f".encode().join((b'"', b'\\"\\\\\\n\\u0001"'))


@pytest.mark.parametrize(
    "value", [1.5, math.nan, 2**53, -(2**53), {"ключ": 1}, {1: 2}, "\ud800", b"bytes", {"a": [object()]}]
)
def test_a_value_whose_form_other_programs_may_write_otherwise_is_refused(value: Json) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_other_spellings_of_a_value_are_told_from_the_canonical_one() -> None:
    assert is_canonical(b'{"a":1,"b":2}')
    assert not is_canonical(b'{"b":2,"a":1}')
    assert not is_canonical(b'{"a": 1}')
    assert not is_canonical(b'{"a":1')
    assert not is_canonical(b'"\\u0041"')
