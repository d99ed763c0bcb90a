"""What the form's lists offer, as ``(value, text)``."""

from collections.abc import Mapping, Sequence
from typing import Any

from ai_gateway.console.bench import Bench
from ai_gateway.console.draft import KINDS, Draft, consent_states
from ai_gateway.console.trials import Recipient
from ai_gateway.console.words import spoken
from ai_gateway.features import Feature
from ai_gateway.model import AgeStatus, Role
from ai_gateway.policies.policy import InputRule
from ai_gateway.prompts.prompt import Parameter, ParameterKind

Options = Sequence[tuple[object, str]]


def choices(bench: Bench) -> Mapping[str, Any]:
    """For the template, by the names it uses."""
    return {
        "versions": _versions(bench.feature),
        "vendors": [(recipient.choice.vendor, _vendor(recipient)) for recipient in bench.recipients],
        "people": _people(bench.draft),
        "roles": [(role, spoken(role)) for role in Role],
        "ages": [(age, age.value) for age in AgeStatus],
        "consents": [(state, state or "none recorded") for state in consent_states()],
        "kinds": KINDS,
        "sources": _sources,
        "values": _values,
        "names_of_person": _names_of_person,
        "sendable": any(not recipient.standin for recipient in bench.recipients),
    }


def _versions(feature: Feature) -> Options:
    """Newest first, with their labels."""
    found: list[tuple[object, str]] = []
    for version, prompt in sorted(feature.versions.items(), reverse=True):
        found.append((version, " · ".join((f"v{version}", *sorted(prompt.labels)))))
    return found


def _vendor(recipient: Recipient) -> str:
    if recipient.standin:
        return "stand-in, on this machine"
    return f"{recipient.choice.vendor} · {recipient.choice.model}"


def _people(draft: Draft) -> Options:
    return [("", "nobody named"), *((place, person.name) for place, person in enumerate(draft.people))]


def _sources(rule: InputRule) -> Options:
    return [(source, source) for source in sorted(rule.sources)]


def _values(parameter: Parameter) -> Options:
    if parameter.kind is ParameterKind.BOOLEAN:
        return [("true", "yes"), ("false", "no")]
    return [(choice, choice) for choice in parameter.choices]


def _names_of_person(place: int) -> frozenset[str]:
    """The fields of one person, so that a mistake in them is seen though they are folded away."""
    names = (
        "name",
        "role",
        "region",
        "age_status",
        "profile_visibility",
        "known",
        "consent",
        "opted-out",
        "restricted",
    )
    return frozenset(f"person-{place}-{name}" for name in names)
