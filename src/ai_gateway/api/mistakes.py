"""What pydantic finds wrong with a request, gathered by place and told in our own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from ai_gateway.api.fields import Place, no_field, place_in

Mistake = Mapping[str, Any]
MOST_READ = 1_000
"""A small request can make ten thousands of mistakes, and reading them all would hold up the others."""
_UNKNOWN = "extra_forbidden"
_PARAMETERS = frozenset(("query", "header"))
_OF_TEXT = frozenset(("string_too_short", "string_too_long", "string_pattern_mismatch"))
_REGION = "must be a country of ISO 3166, with its subdivision where laws differ: US-CA, DE"

_WORDS: Mapping[str, str] = {
    "missing": "is required",
    "string_type": "must be a string",
    "string_too_long": "must have at most {max_length} {characters}",
    "string_too_short": "must have at least {min_length} {characters}",
    "string_pattern_mismatch": "must match {pattern}",
    "too_long": "must have at most {max_length} {entries}",
    "too_short": "must have at least {min_length} {entries}",
    "enum": "must be one of {expected}",
    "literal_error": "must be {expected}",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be an array",
    "tuple_type": "must be an array",
    "frozen_set_type": "must be an array",
}
"""Our own words per kind of mistake, with the schema's bounds. Pydantic's message may quote the input; these cannot."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """All that is wrong at one place of a request: with what stands there, and with the name that it stands under."""

    place: Place
    value: Sequence[Mistake]
    name: Sequence[Mistake]

    def problem(self) -> str:
        """In one sentence."""
        value = _either([_said(mistake, self.place.fields) for mistake in _meant(self.value)])
        name = " and ".join(f"has a name that {_said(mistake)}" for mistake in self.name)
        return f"{name}; its value {value}" if name and value else name or value


def gathered(mistakes: Sequence[Mistake], shape: type[BaseModel] | None) -> Sequence[Wrong]:
    """By place, in the order in which they were found: what fits no branch of a union is one mistake, not one for each
    branch. Of more than ``MOST_READ`` mistakes, the first."""
    found: dict[tuple[object, ...], tuple[Place, list[Mistake], list[Mistake]]] = {}
    for mistake in _founded(mistakes)[:MOST_READ]:
        place = _place(mistake, shape)
        _, value, name = found.setdefault((mistake["loc"][0], place.steps), (place, [], []))
        (name if place.of_key else value).append(mistake)
    return [Wrong(*one) for one in found.values()]


def are_too_many(mistakes: Sequence[Mistake]) -> bool:
    """Whether ``gathered`` leaves some of them out."""
    return len(mistakes) > MOST_READ and len(_founded(mistakes)) > MOST_READ


def _place(mistake: Mistake, shape: type[BaseModel] | None) -> Place:
    part, *steps = mistake["loc"]
    if part != "body" or shape is None:
        return Place(tuple(steps), is_ours=part in _PARAMETERS)
    if mistake["type"] == _UNKNOWN:  # the last step is the request's, whatever it looks like, and leads nowhere
        around = place_in(shape, steps[:-1])
        return around._replace(steps=(*around.steps, steps[-1]))
    return place_in(shape, steps)


def _founded(mistakes: Sequence[Mistake]) -> Sequence[Mistake]:
    """Without those that only follow from others: pydantic counts no entry that has a mistake in it."""
    inside = {steps[:end] for mistake in mistakes for steps in (mistake["loc"],) for end in range(1, len(steps))}
    return [one for one in mistakes if one["type"] != "too_short" or one["loc"] not in inside]


def _meant(mistakes: Sequence[Mistake]) -> Sequence[Mistake]:
    """Where a value has the kind of one branch, that branch's mistakes alone: the others' only say that it has not
    theirs."""
    return [one for one in mistakes if not one["type"].endswith("_type")] or mistakes


def _either(said: Sequence[str]) -> str:
    """``must be true or false, a whole number or a string``: what stands there may be any of them."""
    first, *others = dict.fromkeys(said) or ("",)
    if not others:
        return first
    *more, last = (one.removeprefix("must be ") for one in others)
    return f"{', '.join((first, *more))} or {last}"


def _said(mistake: Mistake, fields: Sequence[str] = ()) -> str:
    told, steps = mistake["type"], mistake["loc"]
    if told == _UNKNOWN:
        return no_field(str(steps[-1]), fields)
    if steps[-1:] == ("region",) and told in _OF_TEXT:
        return _REGION
    return _in_words(told, mistake.get("ctx", {}))


def _in_words(told: str, context: Mapping[str, object]) -> str:
    words = _WORDS.get(told)
    if words is None:
        return "is not valid"
    shown = {name: _expected(value) for name, value in context.items() if name != "error"}
    is_one = 1 in (shown.get("max_length"), shown.get("min_length"))
    counted = {"characters": "character", "entries": "entry"} if is_one else {n: n for n in ("characters", "entries")}
    return words.format(**shown, **counted)


def _expected(value: object) -> object:
    return str(value).replace("'", "") if isinstance(value, str) else value
