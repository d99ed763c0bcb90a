import pytest

from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.quasi import disjoint, find, find_employers

KINDS = tuple(EntityType(name) for name in ("DATE", "AGE", "EARNINGS"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Since 12 March 2024 I have earned $95 an hour.", ["12 March 2024", "$95"]),
        ("From 03/12/2019 to 2020-01-05.", ["03/12/2019", "2020-01-05"]),
        ("A 61-year-old, income 83.000 EUR in March 3, 2021", ["61", "83.000 EUR", "March 3, 2021"]),
        (
            "Am 12. März 2024; le 1er août 2023; 12 de marzo de 2023",
            ["12. März 2024", "1er août 2023", "12 de marzo de 2023"],
        ),
        ("I'm 34, aged 34; my sister is 36 y/o.", ["34", "34", "36"]),
        ("My rate: €45,50/h. Budget $2,400.", ["€45,50"]),
        ("I took home £3,100 a month", ["£3,100"]),
        ("We may 4 times march 5 miles; 12 people, version 12.3.2, 10/12 done", []),
        ("I am 20 minutes away and I'm 10 km off", []),
        ("The budget is $2,400, refunds of $20", []),
        ("Call 555 0117, order 2024-03-12-77", []),
    ],
)
def test_dates_ages_and_earnings_are_found_as_they_are_written(text: str, found: list[str]) -> None:
    spans = find(text, KINDS)
    assert [text[span.start : span.end] for span in spans] == found


def test_only_what_was_asked_for_is_found() -> None:
    assert [span.entity for span in find("I'm 34 since 12 March 2024", (EntityType("AGE"),))] == ["AGE"]


def test_an_employer_is_found_whatever_its_letters_and_not_within_a_word() -> None:
    text = "Brightwater, BRIGHTWATER and Bríghtwater, not Brightwaters"
    assert find_employers(text, {"Brightwater": "a boat rental"}) == [(0, 11), (13, 24), (29, 40)]


def test_of_what_overlaps_the_first_given_stays() -> None:
    def span(start: int, end: int) -> Span:
        return Span(start=start, end=end, entity=EntityType("DATE"), found_by="rule")

    given = [span(10, 20), span(0, 5), span(4, 8), span(20, 22), span(8, 11), span(12, 13), span(5, 10)]
    assert [(one.start, one.end) for one in disjoint(given)] == [(0, 5), (5, 10), (10, 20), (20, 22)]


def test_a_text_of_nothing_but_beginnings_costs_steps_in_proportion() -> None:
    """What looks like a date, an age or an amount until its last letter is left behind and not read again from afar."""
    import sys

    def steps(text: str) -> int:
        count = 0

        def tick(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(tick)
        try:
            find(text, KINDS)
        finally:
            sys.setprofile(None)
        return count

    for piece in ("12 marchx ", "$1,000,000,000,00 ", "aged 4", "12/12/20 ", "1st of "):
        short, long = steps(piece * 200), steps(piece * 2_000)
        assert long <= 11 * short + 500
