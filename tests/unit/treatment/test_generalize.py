import pytest

from ai_gateway.model import Coarseness, EntityType
from ai_gateway.treatment.generalize import generalize

YEAR, MONTH, DECADE = Coarseness.YEAR, Coarseness.MONTH, Coarseness.DECADE
CITY, COUNTRY, BAND, RANGE = Coarseness.CITY, Coarseness.COUNTRY, Coarseness.BAND, Coarseness.RANGE


@pytest.mark.parametrize(
    ("entity", "value", "to", "coarse"),
    [
        ("DATE_OF_BIRTH", "12 March 1984", YEAR, "1984"),
        ("DATE_OF_BIRTH", "1984-03-12", YEAR, "1984"),
        ("DATE_OF_BIRTH", "03/12/1984", DECADE, "the 1980s"),
        ("DATE_OF_BIRTH", "１９８４年３月", YEAR, "1984"),
        ("DATE_OF_BIRTH", "12.3.84", YEAR, None),
        ("DATE_OF_BIRTH", "1984 or 1985", YEAR, None),
        ("DATE_OF_BIRTH", "19840312", YEAR, None),
        ("DATE", "12 March 2024", MONTH, "March 2024"),
        ("DATE", "12 de marzo de 2024", MONTH, "March 2024"),
        ("DATE", "12. März 2024", MONTH, "March 2024"),
        ("DATE", "2024-03-12", MONTH, "March 2024"),
        ("DATE", "31.3.2024", MONTH, "March 2024"),
        ("DATE", "03/12/2024", MONTH, "2024"),
        ("DATE", "March 12", MONTH, "March"),
        ("DATE", "March 12", YEAR, None),
        ("ADDRESS", "12 Elm Street, Springfield, United States", COUNTRY, "United States"),
        ("ADDRESS", "5 rue des Lilas\nLyon\nFRANCE.", COUNTRY, "FRANCE"),
        ("ADDRESS", "12 Elm Street", COUNTRY, None),
        ("ADDRESS", "12 Elm Street, Springfield", COUNTRY, None),
        ("ADDRESS", "12 Elm Street, Springfield, IL 62704, United States", CITY, "Springfield"),
        ("ADDRESS", "5 rue des Lilas, 69001 Lyon, France", CITY, "Lyon"),
        ("ADDRESS", "Flat 3, 10 High St, London SW1A 1AA, UK", CITY, "London"),
        ("ADDRESS", "Hauptstr. 5\n10115 Berlin", CITY, "Berlin"),
        ("ADDRESS", "12 Elm Street", CITY, None),
        ("ADDRESS", "Springfield, 12 Elm Street", CITY, None),
        ("LOCATION", "Lisbon, Portugal", COUNTRY, "Portugal"),
        ("LOCATION", "España", COUNTRY, "España"),
        ("LOCATION", "Lisbon", COUNTRY, None),
        ("EARNINGS", "$95", BAND, "$50 to $100"),
        ("EARNINGS", "$2,400", BAND, "$2,000 to $5,000"),
        ("EARNINGS", "83.000 EUR", BAND, "50,000 EUR to 100,000 EUR"),
        ("EARNINGS", "€45,50", BAND, "€20 to €50"),
        ("EARNINGS", "120k USD", BAND, "100,000 USD to 200,000 USD"),
        ("EARNINGS", "$100", BAND, "$100 to $200"),
        ("EARNINGS", "$1000000000000", BAND, None),
        ("EARNINGS", "plenty", BAND, None),
        ("AGE", "34", RANGE, "30 to 39"),
        ("AGE", "９", RANGE, None),  # noqa: RUF001 - that it is no ASCII digit is the point
        ("COORDINATES", "38.7, -9.1, Portugal", COUNTRY, None),
        ("PERSON", "France", COUNTRY, None),
        ("PHONE_NUMBER", "415 555 1984", YEAR, None),
        ("ADDRESS", "", COUNTRY, None),
    ],
)
def test_a_value_becomes_coarser_or_nothing(entity: str, value: str, to: Coarseness, coarse: str | None) -> None:
    assert generalize(EntityType(entity), value, to) == coarse
