"""A share: what goes on record, what is lent to the vendor, what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ai_gateway.model.decision import ItemDecision
from ai_gateway.model.ids import CallerId, EntityType, RunId, ShareId
from ai_gateway.model.people import Role
from ai_gateway.model.prompting import ClearedOutbound
from ai_gateway.protocols.shape import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is about to be shared, complete: the log needs nothing else to write the entry."""

    run: RunId
    caller: CallerId
    actor_role: Role
    feature_version: str
    region: str
    recipient_role: str
    transfers: Mapping[str, str]
    """Of the vendor: its region, its role by contract, and the transfer mechanism per regime it receives from."""
    cleared: ClearedOutbound
    detector: str
    """Name, version and configuration hash of the detector that treated the items."""
    previous: ShareId | None = None
    """The share this one is a fallback for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedShare:
    """A share whose intent is durable. A proof: only ``sharelog.log`` makes one; only this may be sent."""

    id: ShareId
    cleared: ClearedOutbound


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A vendor's answer, parsed. Token counts are the vendor's own, when it gave them.

    Of an exchange, ``text`` is the whole reply as it came (JSON, or the stream's bytes), and ``reply`` its JSON.
    """

    text: str = field(repr=False)
    finish_reason: str
    model: str
    vendor_response_id: str | None = field(default=None, repr=False)
    input_tokens: int | None = None
    output_tokens: int | None = None
    attempts: int = 1
    body_length: int = 0
    reply: Json = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The reply as the actor may see it: scanned, then restored."""

    text: str = field(repr=False)
    restored: int
    removed: Mapping[EntityType, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareSummary:
    """What an answer says of one share."""

    id: ShareId
    vendor: str
    model: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A vendor has begun to answer; ``timings`` (ms per step) are those until its first piece."""

    run: RunId
    share: ShareSummary
    timings: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a feature run; to an exchange, ``output`` is the vendor's JSON reply, restored."""

    run: RunId
    output: str = field(repr=False)
    finish_reason: str
    shares: tuple[ShareSummary, ...]
    decisions: tuple[ItemDecision, ...]
    entities: Mapping[EntityType, int]
    removed_from_reply: Mapping[EntityType, int]
    input_tokens: int
    output_tokens: int
    prompt_name: str
    prompt_version: int
    policy_digest: str
    timings: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds per step."""
