"""What personal data looks like: one module per family, each a table of rules."""

from ai_gateway.adapters.patterns import (
    accounts,
    births,
    contact,
    countries,
    cues,
    devices,
    government,
    ibans,
    introductions,
    money,
    names,
    network,
    organizations,
    people,
    phone,
    places,
    secrets,
    tax,
    web,
)
from ai_gateway.adapters.patterns.rule import Candidate, Rule

RULES: tuple[Rule, ...] = (
    *secrets.RULES,
    *contact.RULES,
    *web.RULES,
    *accounts.RULES,
    *network.RULES,
    *money.RULES,
    *ibans.RULES,
    *government.RULES,
    *tax.RULES,
    *births.RULES,
    *people.RULES,
    *names.RULES,
    *introductions.RULES,
    *cues.RULES,
    *phone.RULES,
    *places.RULES,
    *countries.RULES,
    *devices.RULES,
    *organizations.RULES,
)

__all__ = ["RULES", "Candidate", "Rule"]
