from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.normalize import folded
from ai_gateway.treatment.propagate import names_in, propagate
from ai_gateway.treatment.words import read

LISTS = word_lists()


def everywhere(texts: list[str], found: list[list[Span]]) -> list[list[Span]]:
    names = names_in(texts, found, LISTS)
    return [propagate(text, read(folded(text)), spans, names) for text, spans in zip(texts, found, strict=True)]


def carried(texts: list[str], name: str, *, score: float = 0.9, entity: str = "PERSON") -> list[set[str]]:
    """What is found elsewhere once ``name`` was found in the first text."""
    start = texts[0].index(name)
    seen = Span(start=start, end=start + len(name), entity=EntityType(entity), found_by="model", score=score)
    found = everywhere(texts, [[seen], *([] for _ in texts[1:])])
    return [{text[s.start : s.end] for s in spans} for text, spans in zip(texts, found, strict=True)]


def test_a_name_and_its_parts_are_found_in_the_other_texts() -> None:
    assert carried(["Kevin Osei wrote", "kevin: hi", "ask OSEI", "Kevin Osei"], "Kevin Osei")[1:] == [
        {"kevin"},
        {"OSEI"},
        {"Kevin Osei", "Osei"},
    ]


def test_an_ordinary_word_is_carried_only_where_it_is_written_as_a_name() -> None:
    assert carried(["Grace Osei", "by the grace of, so Grace agreed"], "Grace Osei")[1] == {"Grace"}


def test_a_single_ordinary_word_a_term_and_a_doubtful_name_are_not_carried() -> None:
    assert carried(["Mark did", "ask Mark"], "Mark")[1] == set()
    assert carried(["Jenkins ran", "Jenkins failed"], "Jenkins")[1] == set()
    assert carried(["Kevin Osei wrote", "kevin"], "Kevin Osei", score=0.4)[1] == set()


def test_only_names_are_carried() -> None:
    assert carried(["in Lisbon", "Lisbon"], "Lisbon", entity="LOCATION") == [set(), set()]


def test_what_stands_inside_what_was_found_is_not_looked_for_again() -> None:
    assert carried(["Kevin Osei wrote"], "Kevin Osei") == [set()]
    assert carried(["Kevin Osei wrote, Osei did"], "Kevin Osei") == [{"Kevin Osei", "Osei"}]


def test_a_name_is_carried_where_what_was_found_cuts_a_word_in_two() -> None:
    text = "Kevins Kevin"
    spans = [
        Span(start=0, end=5, entity=EntityType("PERSON"), found_by="model", score=0.9),
        Span(start=0, end=6, entity=EntityType("PERSON"), found_by="pattern", score=0.9),
    ]
    (found,) = everywhere([text], [spans])
    assert {text[s.start : s.end] for s in found} >= {"Kevin"}


def test_names_found_by_two_tiers_are_counted_once() -> None:
    text = "Kevin and Kevin"
    spans = [
        Span(start=0, end=5, entity=EntityType("PERSON"), found_by=tier, score=0.9) for tier in ("model", "pattern")
    ]
    (found,) = everywhere([text], [spans])
    assert (10, 15) in {(s.start, s.end) for s in found}
