"""Treatment and the last check agree about known people, with the real detector."""

# ruff: noqa: RUF001  look-alike characters are what is tested

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.adapters.stack_detector import StackDetector
from ai_gateway.model import Known, Role, Subject, SubjectId
from ai_gateway.model import Treatment as Do
from ai_gateway.treatment.egress import clear
from ai_gateway.treatment.stream import Restorer, restore, said_twice
from ai_gateway.treatment.treat import Treatment
from treatment_samples import budgeted, item, outbound, permission

PEOPLE = (
    Subject(
        id=SubjectId("a"),
        role=Role.CLIENT,
        known=Known(
            names=("Sam Lee", "Samuel B. Lee"),
            emails=("sam.lee@brightwater.example",),
            phones=("+1 212-555-0117",),
            organizations=("Brightwater LLC", "The Will Company"),
            addresses=("48 Harbor Street, Albany, NY 12207",),
        ),
    ),
    Subject(
        id=SubjectId("b"),
        role=Role.INDEPENDENT_PROFESSIONAL,
        known=Known(
            names=("María-José Núñez", "Will Grace", "Max Claude"),
            emails=("maria@nunez.example",),
            phones=("+44 20 7946 0018",),
            handles=("@mj_builds", "will"),
            urls=("https://www.nunez.example/work", "https://github.com/mjbuilds"),
        ),
    ),
    Subject(id=SubjectId("c"), role=Role.CLIENT, known=Known(names=("李小龙",), organizations=("Brightwater LLC",))),
)
words = st.sampled_from(
    [
        *(
            "Sam",
            "SAM LEE",
            "Lee, Sam",
            "S. Lee",
            "Sam L.",
            "samlee",
            "Sammy",
            "Samuel",
            "Lee's",
            "Ѕam",
            "Ｓａｍ",
            "Sam\u00adLee",
        ),
        *("sam.lee@brightwater.example", "sam.lee", "(212) 555-0117", "212.555.0117", "+12125550117", "020 7946 0018"),
        *("Brightwater", "brightwater.example", "Bright-Water", "The Will Company", "48 Harbor St", "Albany, NY 12207"),
        *(
            "Maria Jose Nunez",
            "María",
            "Núñez",
            "NUNEZ",
            "maria (at) nunez (dot) example",
            "@mj_builds",
            "mj-builds",
            "@will",
        ),
        *("github.com/mjbuilds", "nunez.example", "Will", "will", "Grace", "grace period", "Max", "max", "Claude"),
        *("李小龙", "小龙", "你好李小龙先生"),
        *(
            "needs",
            "a",
            "page.",
            "I",
            "will",
            "pay",
            "$20",
            "\n",
            "and",
            "<b>",
            "100%",
            "R&D",
            "by May 15",
            "d",
            "s",
            "the company",
        ),
    ]
)
joins = st.sampled_from([" ", " ", " ", ", ", "\n", " - ", "/", "; "])
texts = st.lists(st.tuples(words, joins), min_size=1, max_size=12).map(lambda pairs: "".join(w + j for w, j in pairs))
plans = st.sampled_from([{}, {"PERSON": Do.REDACT}, {"LOCATION": Do.SHARE, "ORGANIZATION": Do.SHARE, "URL": Do.REDACT}])


@pytest.fixture(scope="module")
def treatment() -> Treatment:
    return Treatment(StackDetector(tiers=[PatternDetector()], deadline=30, remembered=0), PresidioOperators())


@settings(max_examples=120, deadline=None)
@given(several=st.lists(texts, min_size=1, max_size=3), entities=plans)
def test_what_was_treated_passes_the_last_check_and_comes_back(
    treatment: Treatment, several: list[str], entities: dict[str, Do]
) -> None:
    items = [item(text, path=f"post[{n}]", about=(SubjectId("abc"[n]),)) for n, text in enumerate(several)]
    treated = asyncio.run(treatment.treat(permission(items, people=PEOPLE, actor=SubjectId("b"), entities=entities)))
    prompt = budgeted(treated)
    said = json.loads(clear(outbound(prompt), prompt).outbound.body)["messages"][1]["content"]
    assert "555-0117" not in said
    assert "brightwater" not in said.lower()
    if not entities:
        tokens = {pseudonym.token for pseudonym in treated.pseudonyms}
        whole = said_twice([one.text for one in treated.items], treated.pseudonyms, tokens)
        back = Restorer(treated.pseudonyms, tokens, whole=whole)
        assert [restore(one.text, back) for one in treated.items] == several
