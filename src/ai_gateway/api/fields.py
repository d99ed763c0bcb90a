"""Which fields an object of a request may have, found on the way to it through the documented shapes."""

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from ai_gateway.api.schemas import Shape
from ai_gateway.documents import did_you_mean

BRANCHES = frozenset(("one", "many", "bool", "int", "float", "constrained-str", "[key]"))
"""The names of unions' branches, and of a key itself: steps of pydantic's paths that are none of the request's."""
_MOST = 24
"""So many names are listed at most, which every shape there is stays below."""


def body_shape(route: object) -> type[Shape] | None:
    """What a route's body has to be; None for a route without one of our shapes."""
    endpoint = getattr(route, "endpoint", None)
    hints = get_type_hints(endpoint).values() if endpoint is not None else ()
    return next((hint for hint in hints if isinstance(hint, type) and issubclass(hint, Shape)), None)


def fields_at(shape: type[BaseModel], steps: Sequence[str | int]) -> tuple[str, ...]:
    """The names of the fields of what stands at the end of ``steps``; none where that is no object of fields."""
    found: Any = shape
    for step in steps:
        if step not in BRANCHES:
            found = _inner(found, step)
    return next((tuple(one.model_fields) for one in _kinds(found) if _is_shape(one)), ())


def no_field(given: str, allowed: Sequence[str]) -> str:
    """What is said of a field that is none. ``given`` is compared alone: what is said back are names of our own."""
    if not allowed:
        return "is not a field of this object"
    more = f" and {len(allowed) - _MOST} more" if len(allowed) > _MOST else ""
    near = did_you_mean(given, allowed)
    return f"is not a field of this object{near}; its fields are {', '.join(allowed[:_MOST])}{more}"


def _inner(annotation: object, step: str | int) -> object:
    """The annotation one step further in; None where there is no such step."""
    for kind in _kinds(annotation):
        if _is_shape(kind) and step in kind.model_fields:
            return kind.model_fields[step].annotation
        origin, arguments = get_origin(kind), get_args(kind)
        if isinstance(step, str) and isinstance(origin, type) and issubclass(origin, Mapping):
            return arguments[1]
        if isinstance(step, int) and origin is tuple:
            return arguments[0]
    return None


def _kinds(annotation: Any) -> Sequence[Any]:  # noqa: ANN401 - what annotations are
    """Itself, or the branches of a union, each without what is noted beside it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [kind for branch in get_args(annotation) for kind in _kinds(branch)]
    return (annotation,)


def _is_shape(kind: object) -> bool:
    return isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, BaseModel)
