"""Whether the taxonomy and the vendors make sense, by themselves and together: names that exist, no contradictions."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ai_gateway.documents import Value, did_you_mean, quoted
from ai_gateway.documents import pointer as point
from ai_gateway.model import CategoryCode, EntityType, VendorName
from ai_gateway.policies.parts import Part
from ai_gateway.policies.policy import Category, DataSource, VendorProfile, VendorRole
from ai_gateway.policies.regions import Regime
from ai_gateway.policies.vocabulary import LOCAL, Mechanism

Finding = tuple[str, str]
"""A JSON pointer and what is wrong there."""

_NOTICE_LINE = re.compile(r"\bL(\d+)")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_UK_ONLY = (Mechanism.UK_ADDENDUM, Mechanism.UK_IDTA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What other files may refer to. A name whose own entry has a mistake is still a name: one mistake, one problem."""

    category_names: frozenset[str]
    source_names: frozenset[str]
    vendor_names: frozenset[str]
    categories: Mapping[CategoryCode, Category]
    sources: Mapping[str, DataSource]
    entities: Mapping[EntityType, CategoryCode]
    vendors: Mapping[VendorName, VendorProfile]


def unknown(kind: str, given: str, known: frozenset[str]) -> str:
    """What to say of a name that is not there."""
    return f"there is no {kind} {quoted(given)}{did_you_mean(given, known)}"


def beyond_notice(value: Value, lines: int, pointer: str = "") -> Iterator[Finding]:
    """Sources that name a line the notice does not have, anywhere in a file."""
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from beyond_notice(entry, lines, pointer + point(index))
    elif isinstance(value, dict):
        for key, entry in value.items():
            place = pointer + point(key)
            if key.endswith("source") and isinstance(entry, str):
                yield from (
                    (place, f"the notice has no line {n}; its last is L{lines}")
                    for n in _NOTICE_LINE.findall(entry)
                    if int(n) > lines
                )
            else:
                yield from beyond_notice(entry, lines, place)


def taxonomy_findings(taxonomy: Part, known: Known) -> Iterator[Finding]:
    """``taxonomy`` may hold mistakes; only its clean entries are looked at."""
    for table in ("sources", "entities"):
        entries = taxonomy.values.get(table)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            given = entry.get("category") if isinstance(entry, dict) else None
            if isinstance(given, str) and given not in known.category_names:
                yield point(table, name, "category"), unknown("category", given, known.category_names)
    for code, category in known.categories.items():
        both = sorted(category.purposes & category.consent_purposes)
        if both:
            yield (
                point("categories", code, "with_consent", "purposes"),
                f'"{both[0]}" is also a purpose that needs no consent; it can be only one of the two',
            )


def vendor_findings(vendor: VendorProfile) -> Iterator[Finding]:
    place = point("vendors", vendor.name)
    if (vendor.api_base is None) == (vendor.api_base_env is None):
        yield place, "needs either api_base or api_base_env, and not both"
    if vendor.role is VendorRole.SERVICE_PROVIDER and vendor.trains_on_data:
        yield (
            place + "/trains_on_data",
            "a service provider works on our behalf only; one that trains on what it receives is a third_party",
        )
    if vendor.country == LOCAL:
        yield from _local_findings(vendor, place)
    if vendor.any_model and vendor.country != LOCAL:
        yield place + "/any_model", "is for a vendor on this machine; elsewhere a policy says which model receives what"
    for regime, mechanism in vendor.transfers.items():
        yield from _transfer_findings(regime, Mechanism(mechanism), place + point("transfers", regime))


def _local_findings(vendor: VendorProfile, place: str) -> Iterator[Finding]:
    if vendor.api_base is not None and urlsplit(vendor.api_base).hostname not in _LOOPBACK:
        yield place + "/country", "a local vendor's api_base is on loopback; name the country this one stands in"
    if vendor.transfers:
        yield place + "/transfers", "nothing is transferred to a local vendor; leave it empty: {}"


def _transfer_findings(regime: str, mechanism: Mechanism, place: str) -> Iterator[Finding]:
    if mechanism in _UK_ONLY and regime != Regime.UK:
        yield place, f'"{mechanism}" is a mechanism of UK law only'
    if mechanism is Mechanism.STANDARD_CONTRACTUAL_CLAUSES and regime == Regime.UK:
        yield place, 'under UK law the EU\'s clauses need the addendum: use "uk_addendum" or "uk_idta"'
