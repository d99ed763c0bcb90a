import pytest

from ai_gateway.model import EntityType
from ai_gateway.treatment.generalize import generalize


@pytest.mark.parametrize(
    ("entity", "value", "coarse"),
    [
        ("DATE_OF_BIRTH", "12 March 1984", "1984"),
        ("DATE_OF_BIRTH", "1984-03-12", "1984"),
        ("DATE_OF_BIRTH", "03/12/1984", "1984"),
        ("DATE_OF_BIRTH", "１９８４年３月", "1984"),
        ("DATE_OF_BIRTH", "12.3.84", None),
        ("DATE_OF_BIRTH", "1984 or 1985", None),
        ("DATE_OF_BIRTH", "19840312", None),
        ("ADDRESS", "12 Elm Street, Springfield, United States", "United States"),
        ("ADDRESS", "5 rue des Lilas\nLyon\nFRANCE.", "FRANCE"),
        ("ADDRESS", "12 Elm Street", None),
        ("ADDRESS", "12 Elm Street, Springfield", None),
        ("LOCATION", "Lisbon, Portugal", "Portugal"),
        ("LOCATION", "España", "España"),
        ("LOCATION", "Lisbon", None),
        ("COORDINATES", "38.7, -9.1, Portugal", None),
        ("PERSON", "France", None),
        ("PHONE_NUMBER", "415 555 1984", None),
        ("ADDRESS", "", None),
    ],
)
def test_a_value_becomes_coarser_or_nothing(entity: str, value: str, coarse: str | None) -> None:
    assert generalize(EntityType(entity), value) == coarse
