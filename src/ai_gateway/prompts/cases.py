"""A prompt's examples and tests: calls of invented people, and what must come of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ai_gateway.documents import Value
from ai_gateway.model import ParameterValue
from ai_gateway.prompts.people import Person, Placed

EXAMPLE, TEST = "example", "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """``kind`` as it is written (``not-contains``, ``outbound-regex``); ``line`` is the file's, from 1."""

    kind: str
    value: Value = field(repr=False)
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``name`` is its own, else ``example-1``, ``test-3``: what ``--example`` and ``--case`` take.

    ``texts`` maps an input to its items in order; ``people`` are all those of the case, already changed as it says.
    """

    kind: str
    name: str
    description: str
    line: int
    texts: Mapping[str, tuple[Placed, ...]] = field(repr=False)
    parameters: Mapping[str, ParameterValue]
    actor: str
    people: Mapping[str, Person] = field(repr=False)
    gpc: bool = False
    assertions: tuple[Assertion, ...] = ()

    @property
    def title(self) -> str:
        return self.description or self.name
