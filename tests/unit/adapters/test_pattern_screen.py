"""A screen lets every expression through that matches: nothing is lost, whatever RE2 or an expression does."""

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_gateway.adapters.pattern_screen import Screen, Screened, looser
from ai_gateway.adapters.patterns import RULES

SCREENED = [rule for rule in RULES if not rule.openers]
SCREEN = Screen([Screened(rule.expression, 0, by_capitals=False) for rule in SCREENED])
PIECES = (
    "Dana Okafor ", "Dr. ", "my wife ", "flew to ", "5 Vale Road, ", "Apt. 3 ", "TX 51971\n", "555 010 0199 ", "+1 ",
    "d@okafor.example ", "@dana_k ", " at ", " dot ", "www.okafor.example/x ", "user=", "#1234", "/home/dana ",
    "born 1.2.1980 ", "IBAN DE89 3704 0044 0532 0130 00 ", "password: hunter2x ", "passport X1234567 ", "4-",
    "it's 123456 ", "Acme LLC", "\n", ", ", ".", "- ", "a", "A", "7",
)  # fmt: skip


def options() -> re2.Options:
    made = re2.Options()
    made.encoding = re2.Options.Encoding.LATIN1
    return made


EXACT = [re2.compile(rule.expression.encode(), options()) for rule in SCREENED]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_every_rule_that_matches_is_let_through(text: str) -> None:
    raw = text.encode()
    possible = SCREEN.possible(raw)
    assert possible == sorted(set(possible))
    assert {i for i, expression in enumerate(EXACT) if expression.search(raw) is not None} <= set(possible)


def test_most_rules_are_not_let_through_where_nothing_stands() -> None:
    assert len(SCREEN.possible(b"we need somebody who can build a page by the end of the week")) <= 3


@pytest.mark.parametrize(
    ("expression", "loose"),
    [
        (r"a{2,5}b", r"a{2,}b"),
        (r"a{0,5}?b{1,3}", r"a*?b+"),
        (r"a{0,1}b{3}", r"a{0,1}b{3}"),
        (r"a{4,}", r"a{4,}"),
        (r"[x{1,2}]\{1,2}", r"[x{1,2}]\{1,2}"),
        (r"[]{1,2}]{1,2}", r"[]{1,2}]+"),
        (r"\Qa{1,2}\E", r"\Qa{1,2}\E"),
    ],
)
def test_repetitions_lose_their_upper_bound_and_nothing_else_changes(expression: str, loose: str) -> None:
    assert looser(expression) == loose


def test_an_expression_is_skipped_where_too_few_digits_stand_together() -> None:
    screen = Screen([Screened(r"x|\d{4}", 4, by_capitals=False)])
    assert screen.possible(b"x 12 x") == []
    assert screen.possible(b"x 12-34") == [0]


def test_only_those_that_read_capitals_are_asked_for() -> None:
    screen = Screen([Screened("a", 0, by_capitals=False), Screened("a", 0, by_capitals=True)])
    assert screen.possible(b"a") == [0, 1]
    assert screen.possible(b"a", by_capitals=True) == [1]


class Forgetful:
    """A set that ran out of memory."""

    def Match(self, _text: bytes, /) -> None:  # noqa: N802  its name
        return None


def test_all_are_let_through_where_a_set_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        @staticmethod
        def SearchSet(_options: object) -> object:  # noqa: N802  its name
            class Made(Forgetful):
                def Add(self, _expression: bytes) -> None: ...  # noqa: N802  its name
                def Compile(self) -> None: ...  # noqa: N802  its name

            return Made()

    monkeypatch.setattr(re2, "Set", Failing)
    expressions = [Screened(one, 0, by_capitals=False) for one in ("forgotten a", "forgotten b")]
    assert Screen(expressions).possible(b"c") == [0, 1]


def test_an_expression_that_no_set_takes_is_always_possible() -> None:
    assert Screen([Screened("(?=a)", 0, by_capitals=False)]).possible(b"b") == [0]
