"""Deterministic checks of what came back. No model judges a model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.small_model.cases import Case

PSEUDONYM = re.compile(r"<[A-Z]+(?:_[A-Z0-9]+)*_[0-9]+(?:_[A-Z]+)*>")
_GREETING = r"(?:dear|hi|hello|hey)\s+"
_SELF = r"(?:i am|i'm|my name is|regards,|sincerely,)\s+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Of each check, how many held and how often it was made."""

    held: Mapping[str, int]
    made: Mapping[str, int]

    def share(self, check: str) -> float:
        return self.held.get(check, 0) / self.made[check] if self.made.get(check) else float("nan")


def checks(case: Case, answer: str) -> Mapping[str, bool]:
    """What a right answer satisfies, whoever wrote it."""
    said = answer.lower()
    greeted, self_named = _names(case.pro), _names(case.client)
    return {
        "says what it is about": case.topic.lower() in said,
        "names a person": any(name.lower() in said for name in (*_names(case.pro), *_names(case.client))),
        "swaps no roles": not any(re.search(_GREETING + re.escape(name.lower()), said) for name in greeted)
        and not any(re.search(_SELF + re.escape(name.lower()), said) for name in self_named),
        "leaves no placeholder": PSEUDONYM.search(answer) is None,
        "says something": len(answer.split()) >= 5,
    }


def tally(cases: Sequence[Case], answers: Sequence[str]) -> Tally:
    held: dict[str, int] = {}
    made: dict[str, int] = {}
    for case, answer in zip(cases, answers, strict=True):
        for check, holds in checks(case, answer).items():
            made[check] = made.get(check, 0) + 1
            held[check] = held.get(check, 0) + holds
    return Tally(held=held, made=made)


def _names(person: str) -> tuple[str, ...]:
    return (person, *person.split())
