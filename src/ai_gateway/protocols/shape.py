"""What a vendor protocol's JSON may look like.

A shape says of every field whether it carries text that people wrote (to be treated), a control value, or something
that cannot be inspected and is refused. What no shape names is refused: the outbound body is an allow-list by
construction.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ai_gateway.errors import ContentNotInspectable, ShapeRefused

_NOTHING: Mapping[str, "Refused"] = MappingProxyType({})
Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Text:
    """A string that people or models wrote. ``role`` names the speaker where the shape fixes one.

    ``bare``: the protocol allows no brackets and no spaces here (a participant's ``name``).
    """

    role: str | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class JsonText:
    """A string that holds JSON (tool-call arguments): its leaves are text, its keys are kept, it stays valid JSON.

    A string that is not JSON is treated as plain text: models do produce broken arguments.
    """


@dataclass(frozen=True, slots=True)
class Loose:
    """Any JSON (a schema, a tool's result): every string and number in it is text, its keys are kept."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A control value: number, boolean, null, or one of ``choices``. Never free text. ``refused`` are words that have a
    reason of their own."""

    choices: frozenset[str] = frozenset()
    numbers: bool = True
    flags: bool = True
    refused: Mapping[str, "Refused"] = field(default_factory=lambda: _NOTHING)


WORD = re.compile(r"[A-Za-z0-9_.:/-]{1,256}")


@dataclass(frozen=True, slots=True)
class Word:
    """A technical name (a function, a call id, a model). Passed as it is; the last check still reads it."""

    nullable: bool = False


OPAQUE = re.compile(r"[A-Za-z0-9+/_-]{0,131072}={0,2}")


@dataclass(frozen=True, slots=True)
class Opaque:
    """What only the vendor can read and gave out itself (the signature of its own words). The last check reads it."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Accepted from clients, never sent (``user``, ``metadata``): it would only identify people."""


class Uninspected(StrEnum):
    """What nobody can look into, and a feature's policy may let pass all the same."""

    IMAGES = "images"
    AUDIO = "audio"
    FILES = "files"
    TOKENS = "tokens"
    ENCRYPTED_REASONING = "encrypted_reasoning"


@dataclass(frozen=True, slots=True)
class Refused:
    """Not passed, and said so. ``unless`` lists harmless values that clients send by default; with a ``kind`` it is
    passed as it is where the feature's policy allows that kind (the last check still reads it)."""

    say: str
    error: type[ShapeRefused] = ContentNotInspectable
    unless: tuple[Json, ...] = ()
    kind: Uninspected | None = None


@dataclass(frozen=True, slots=True)
class Array:
    of: "Shape"
    most: int = 4096


@dataclass(frozen=True, slots=True)
class Object:
    """``fields`` is exhaustive; those not ``required`` may be null. ``role_from`` names the field whose value is
    the speaker of the texts inside."""

    fields: Mapping[str, "Shape"]
    required: frozenset[str] = frozenset()
    role_from: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """An object whose fields depend on ``key``'s value (``type``, ``role``). Unknown values are refused by name."""

    key: str
    cases: Mapping[str, "Shape"]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Either:
    """By JSON type: a string, an array, an object or a scalar; a type that is not given is refused."""

    string: "Shape | None" = None
    array: "Shape | None" = None
    object: "Shape | None" = None
    scalar: "Shape | None" = None


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object with keys of the caller's choosing (``logit_bias``), values of one shape."""

    of: "Shape"
    most: int = 1024


Shape = Text | JsonText | Loose | Plain | Word | Opaque | Dropped | Refused | Array | Object | Variant | Either | MapOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a text stands: its JSON pointer (RFC 6901, but for keys of the client's choosing: their place, ``*0``), its
    speaker, whether it stands in JSON inside a string, and whether brackets are allowed there."""

    pointer: str
    role: str | None
    embedded: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    place: Place
    text: str = field(repr=False)
