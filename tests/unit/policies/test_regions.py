import pytest

from ai_gateway.policies.regions import COUNTRIES, Regime, regime_of, regimes

EVERY = tuple(Regime)


@pytest.mark.parametrize(
    ("region", "protecting"),
    [
        ("DE", (Regime.EEA,)),
        ("is", (Regime.EEA,)),
        ("ES-CN", (Regime.EEA,)),
        ("GP", (Regime.EEA,)),
        ("GB", (Regime.UK,)),
        ("GB-NIR", (Regime.UK,)),
        ("CH-ZH", (Regime.CH,)),
        ("US-CA", ()),
        ("IM", ()),
        (None, EVERY),
        ("", EVERY),
        ("UK", EVERY),
        ("EU", EVERY),
        ("XX", EVERY),
        ("DE-", EVERY),
        ("DEU", EVERY),
        ("DE\n", EVERY),
        ("United States", EVERY),
    ],
)
def test_a_region_is_protected_by_its_own_law_and_no_known_region_by_all(
    region: str | None, protecting: tuple[Regime, ...]
) -> None:
    assert regimes(region) == protecting


def test_the_eea_has_thirty_members_and_seven_places_under_eu_law_with_codes_of_their_own() -> None:
    assert sum(regime_of(country) is Regime.EEA for country in COUNTRIES) == 27 + 3 + 7


def test_every_country_has_a_code_of_two_letters() -> None:
    assert len(COUNTRIES) == 249
    assert all(len(code) == 2 and code.isupper() for code in COUNTRIES)
