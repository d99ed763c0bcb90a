"""Where in a request a mistake is, and which fields may stand there, found through the documented shapes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from ai_gateway.api.schemas import Shape
from ai_gateway.documents import did_you_mean

_KEY = "[key]"
"""The step that pydantic puts behind a key where the key itself is wrong."""
_MOST = 24
"""So many names are listed at most, which every shape there is stays below."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """What may stand at one place of a shape: an object of ``fields``, an object whose every key leads to ``value``, an
    array of ``entry``, or any of those where ``is_union``."""

    is_union: bool = False
    fields: Mapping[str, "_Spot"] = field(default_factory=dict)
    value: "_Spot | None" = None
    entry: "_Spot | None" = None

    def inner(self, step: str | int) -> "_Spot":
        found = self.entry if isinstance(step, int) else self.fields.get(step, self.value)
        return found or _NOWHERE


_NOWHERE = _Spot()


class Place(NamedTuple):
    """``steps`` are the request's own; ``fields`` are those of the object there, or around a field that is none.
    ``of_key``: the key itself is meant. ``is_ours``: a parameter of the route, by its own name."""

    steps: tuple[str | int, ...]
    fields: tuple[str, ...] = ()
    of_key: bool = False
    is_ours: bool = False


def body_shape(route: object) -> type[Shape] | None:
    """What a route's body has to be; None for a route without one of our shapes."""
    endpoint = getattr(route, "endpoint", None)
    hints = get_type_hints(endpoint).values() if endpoint is not None else ()
    return next((hint for hint in hints if isinstance(hint, type) and issubclass(hint, Shape)), None)


def place_in(shape: type[BaseModel], steps: Sequence[str | int]) -> Place:
    """Where pydantic's ``steps`` lead. One is a branch's name only where a union stands, and is so there always: an
    input may be called ``bool``, a parameter ``one``."""
    own, spot = list[str | int](), _spot_of(shape)
    was_key = is_chosen = False
    for step in steps:
        if was_key and step == _KEY:
            return Place(tuple(own), of_key=True)
        if spot.is_union and not is_chosen:
            was_key, is_chosen = False, True
        else:
            own.append(step)
            was_key, is_chosen = spot.value is not None, False
            spot = spot.inner(step)
    return Place(tuple(own), tuple(spot.fields))


def no_field(given: str, allowed: Sequence[str]) -> str:
    """What is said of a field that is none. ``given`` is compared alone: what is said back are names of our own."""
    if not allowed:
        return "is not a field of this object"
    more = f" and {len(allowed) - _MOST} more" if len(allowed) > _MOST else ""
    near = did_you_mean(given, allowed)
    return f"is not a field of this object{near}; its fields are {', '.join(allowed[:_MOST])}{more}"


@lru_cache(maxsize=32)
def _spot_of(shape: type[BaseModel]) -> _Spot:
    """Read once: there may be hundreds of mistakes in a request."""
    return _spot(shape)


def _spot(annotation: object) -> _Spot:
    kinds = _kinds(annotation)
    spot = _Spot(is_union=len(kinds) > 1)
    for kind in kinds:
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is None and isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {name: _spot(one.annotation) for name, one in kind.model_fields.items()}
            spot = replace(spot, fields={**spot.fields, **fields})
        elif isinstance(origin, type) and issubclass(origin, Mapping):
            spot = replace(spot, value=_spot(arguments[1]))
        elif origin is tuple:
            spot = replace(spot, entry=_spot(arguments[0]))
    return spot


def _kinds(annotation: Any) -> Sequence[Any]:  # noqa: ANN401 - what annotations are
    """Itself, or the branches of a union, each without what is noted beside it. Null is no branch: pydantic's paths
    do not name it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [kind for branch in get_args(annotation) if branch is not NoneType for kind in _kinds(branch)]
    return (annotation,)
