r"""One rule of the pattern tier: an RE2 expression (linear time, no look-around) and what must hold of a match.

Expressions run on an ASCII view of the text, so ``\w`` is a letter, digit or underscore of that view and every
offset is a character's. Group 1, where there is one, is the span; otherwise the whole match is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from ai_gateway.model import EntityType

CONTEXT = 48
"""Characters before and after a match that a rule may look at."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A match in its place. ``before`` is lower case."""

    value: str = field(repr=False)
    before: str = field(repr=False)
    after: str = field(repr=False)

    @property
    def digits(self) -> str:
        return "".join(c for c in self.value if c.isdigit())


Narrowed = tuple[int, int]
Verdict = bool | Narrowed
"""Yes, no, or which part of the value it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Every text in which a match is accepted has so many ``digits`` with nothing but separators between them. Where
    there are ``openers``, the expression is tried only where one of these words stands with a capital, as a whole word.
    """

    entity: EntityType
    expression: str
    accept: Callable[[Candidate], Verdict] | None = None
    digits: int = 0
    openers: frozenset[str] = frozenset()
    score: float = 1.0


def after_cue(cue: str, value: str) -> str:
    """``passport no. is: X1234567``: the cue, a few words that lead on from it, then the value as group 1."""
    lead = r"(?:(?:numbers?|num|no|nr|nos|id|code|is|was|are|of|my|the|ends? (?:in|with)|n)\b[^\n\w]{0,4}){0,4}"
    return rf"(?i)(?:^|[^\w])(?:{cue})\b[^\n\w]{{0,4}}{lead}({value})(?:$|[^\w])"


def bounded(value: str) -> str:
    """The value as group 1, with no letter, digit or underscore beside it."""
    return rf"(?:^|[^\w])({value})(?:$|[^\w])"
