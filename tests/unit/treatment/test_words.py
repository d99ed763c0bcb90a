"""Words of values: taken apart once per call, and told to nobody."""

from ai_gateway.model import EntityType, Span
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.plan import Planned
from ai_gateway.treatment.pseudonyms import Sighting
from ai_gateway.treatment.words import Worded, split

PERSON = EntityType("PERSON")


def test_a_value_has_the_words_of_its_folded_text() -> None:
    words_of = Worded()
    for value in ("Zephyrine O'Dell", "ZÉPHYRINE", "王小明", "", "a_b-c"):
        assert words_of[value] == split(fold(value))


def test_nothing_personal_is_in_a_repr() -> None:
    words_of = Worded()
    assert words_of["Zephyrine"]
    sighting = Sighting(PERSON, "Zephyrine")
    span = Span(start=0, end=9, entity=PERSON, found_by="known", score=1.0)
    said = repr((words_of, sighting, Planned(span, "Zephyrine", "Zephyrine", sighting)))
    assert "zephyrine" not in said.lower()
    assert f"{sighting}" == repr(sighting)
