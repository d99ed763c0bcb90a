"""A prompt on its way out: treated, then budgeted, then cleared. Each is a proof with one maker."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ai_gateway.model.decision import ItemDecision, Permission
from ai_gateway.model.exchange import TreatedExchange
from ai_gateway.model.ids import EntityType, SubjectId, VendorName
from ai_gateway.protocols.protocol import Speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A detected entity, ``start`` inclusive to ``end`` exclusive, in characters of the original text.

    ``found_by`` is ``known``, ``pattern``, ``model`` or ``propagation``; ``subject`` the person it is known to be of;
    ``score`` is within 0…1.
    """

    start: int
    end: int
    entity: EntityType
    found_by: str
    score: float = 1.0
    subject: SubjectId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pseudonym:
    """One placeholder and the value it stands for."""

    token: str
    entity: EntityType
    value: str = field(repr=False)
    subject: SubjectId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatedItem:
    """An item as a vendor may see it. ``spans`` are in the original text; ``tokens`` the pseudonyms it uses."""

    path: str
    input: str
    text: str = field(repr=False)
    decision: ItemDecision
    spans: tuple[Span, ...]
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatedPrompt:
    """Every permitted item, treated. A proof: only ``treatment.treat`` makes one.

    ``identifiers`` are the strings that must not leave (known identifiers' spellings and removed entities' values),
    for the last check; ``pseudonyms`` belong to this conversation alone.
    """

    permission: Permission
    items: tuple[TreatedItem, ...]
    pseudonyms: tuple[Pseudonym, ...] = field(repr=False)
    identifiers: frozenset[str] = field(repr=False)
    entities: Mapping[EntityType, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as the model will see it."""

    role: str
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetedPrompt:
    """The rendered messages, known to fit. A proof: only ``budget.fit`` makes one.

    ``items`` are those that stayed; ``decisions`` all items' decisions, dropped ones turned to withheld.
    ``input_tokens`` is counted with the model's own encoding. ``fixed_text`` is what the prompt's author wrote (the
    template's literals and parameter values), so that the last check can tell it from what people wrote.
    """

    treated: TreatedPrompt
    prompt_name: str
    prompt_version: int
    prompt_digest: str
    messages: tuple[Message, ...]
    items: tuple[TreatedItem, ...]
    decisions: tuple[ItemDecision, ...]
    input_tokens: int
    max_output_tokens: int
    config: Mapping[str, float | int]
    fixed_text: tuple[str, ...]
    exchange: TreatedExchange | None = None
    """The client's own request instead of a rendered prompt; ``messages`` are then its texts, one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """Exactly what would be sent. ``headers`` hold credentials, ``body`` treated text: neither is in a ``repr``."""

    vendor: VendorName
    model: str
    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    speech: Speech = Speech.OPENAI
    """In which the vendor answers, unless it is an exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedOutbound:
    """An outbound request in whose bytes the last check found nothing. A proof: only ``treatment.egress`` makes one."""

    outbound: Outbound
    prompt: BudgetedPrompt
