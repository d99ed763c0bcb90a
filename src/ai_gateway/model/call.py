"""What a service asks for: one call of one feature."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ai_gateway.model.exchange import Exchange
from ai_gateway.model.ids import ConversationId, FeatureName, SubjectId
from ai_gateway.model.people import Subject, Visibility

ParameterValue = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One labelled piece of input.

    ``path`` is its place in the call (``job_post``, ``messages[0]``); ``input`` the name that prompt and policy know
    (``job_post``, ``messages``); ``about`` names everybody the text is about; ``author`` who wrote it, where it
    matters.
    """

    path: str
    input: str
    text: str = field(repr=False)
    source: str
    visibility: Visibility
    about: tuple[SubjectId, ...]
    author: SubjectId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``subjects`` are those the request itself describes (``registered=False``); they join the registered ones.

    ``exchange`` is the request of a vendor's protocol whose texts the items are; without it, a prompt is rendered.
    """

    feature: FeatureName
    actor: SubjectId
    items: tuple[Item, ...]
    subjects: Mapping[SubjectId, Subject] = field(default_factory=lambda: MappingProxyType({}))
    parameters: Mapping[str, ParameterValue] = field(default_factory=lambda: MappingProxyType({}))
    conversation: ConversationId | None = None
    prompt_label: str = "production"
    exchange: Exchange | None = None
    stream: bool = False
    """The reply is wanted piece by piece."""
    unattributed: bool = False
    """The request names no person: ``actor`` stands for nobody (``unattributed@<caller>``), who cannot have chosen."""
    gpc: bool = False
    """The actor's browser sent ``Sec-GPC: 1`` with what led to this call (notice L67): joins their own choices."""
    trial: bool = False
    """An author tries a prompt or a policy on invented people; the entry says so."""
    once: bytes | None = field(default=None, repr=False)
    """Keyed hash (32 bytes) of caller and idempotency key: the share log records it at most once, ever."""

    def people(self) -> tuple[SubjectId, ...]:
        """Everybody the call names: the actor first, then in order of appearance."""
        named = [self.actor, *self.subjects]
        for item in self.items:
            named.extend(item.about)
            if item.author is not None:
                named.append(item.author)
        return tuple(dict.fromkeys(named))
