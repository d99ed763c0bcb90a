"""The allow-list of an outbound body: a body is rebuilt from the fields its shape names, or it is not sent.

A body is never passed through: every value in the result was looked up by a name written down here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ai_gateway.errors import VendorError

_NONE: Mapping[str, "Shape"] = MappingProxyType({})
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of exactly one of these types (``bool`` is not an ``int`` here)."""

    kinds: tuple[type, ...]


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one shape, not empty."""

    of: "Shape"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An object with all of ``required``, any of ``optional`` and nothing else."""

    required: Mapping[str, "Shape"]
    optional: Mapping[str, "Shape"] = field(default_factory=lambda: _NONE)

    def named(self, name: str) -> "Shape | None":
        return self.required.get(name) or self.optional.get(name)


Shape = Leaf | Many | Record

TEXT = Leaf((str,))
COUNT = Leaf((int,))
NUMBER = Leaf((int, float))
FLAG = Leaf((bool, str))


def rebuild(value: object, shape: Shape, pointer: str = "") -> object:
    """A copy of ``value`` made of what ``shape`` names.

    Raises ``VendorError`` with the JSON pointer (RFC 6901) of a field that is unknown, missing or of another type.
    """
    if isinstance(shape, Leaf):
        return value if type(value) in shape.kinds else _refuse(pointer, "is of another type")
    if isinstance(shape, Many):
        if not isinstance(value, list) or not value:
            return _refuse(pointer, "is not a list with at least one entry")
        return [rebuild(entry, shape.of, f"{pointer}/{index}") for index, entry in enumerate(value)]
    if not isinstance(value, Mapping):
        return _refuse(pointer, "is not an object")
    for name in shape.required:
        if name not in value:
            return _refuse(f"{pointer}/{name}", "is missing")
    return {name: _named(name, entry, shape, pointer) for name, entry in value.items()}


def _named(name: object, value: object, shape: Record, pointer: str) -> object:
    below = shape.named(name) if isinstance(name, str) else None
    where = f"{pointer}/{str(name)[:_LONGEST_NAME]}"
    return rebuild(value, below, where) if below is not None else _refuse(where, "is not on the allow-list")


def _refuse(pointer: str, why: str) -> object:
    raise VendorError(
        f"The prepared request was not sent: its field {pointer or '/'} {why}. "
        "Check that the installed litellm is the pinned version.",
        field=pointer,
    )
