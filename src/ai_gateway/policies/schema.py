"""A shape, published as JSON Schema (draft 2020-12), for editors to complete and check policy files."""

from collections.abc import Mapping

from ai_gateway.documents import Value
from ai_gateway.policies.shape import Choice, Either, Flag, Many, Number, Record, Shape, Table, Text, Whole

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(shape: Shape, title: str) -> dict[str, Value]:
    """The whole schema of a file."""
    return {"$schema": DIALECT, "title": title, **_schema(shape)}


def _schema(shape: Shape) -> dict[str, Value]:
    body: dict[str, Value]
    match shape:
        case Text():
            body = {"type": "string", "pattern": f"^(?:{shape.pattern})$", "maxLength": shape.maximum}
        case Choice():
            body = {"type": "string", "enum": [*shape.values]}
        case Flag():
            body = {"type": "boolean"} if shape.only is None else {"const": shape.only}
        case Whole() | Number():
            kind = "integer" if isinstance(shape, Whole) else "number"
            body = {"type": kind, "minimum": shape.minimum, "maximum": shape.maximum}
        case Either():
            body = {"anyOf": [_schema(inner) for inner in shape.shapes]}
        case Many():
            body = {
                "type": "array",
                "items": _schema(shape.of),
                "minItems": shape.minimum,
                "maxItems": shape.maximum,
            }
            if not isinstance(shape.of, Record | Table | Many):
                body["uniqueItems"] = True
        case Table():
            body = _table(shape)
        case Record():
            body = {
                "type": "object",
                "properties": _properties({**shape.required, **shape.optional}),
                "required": [*shape.required],
                "additionalProperties": False,
            }
    return {"description": shape.says, **body}


def _properties(keys: Mapping[str, Shape]) -> dict[str, Value]:
    return {key: _schema(shape) for key, shape in keys.items()}


def _table(shape: Table) -> dict[str, Value]:
    body: dict[str, Value] = {"type": "object", "minProperties": shape.minimum, "maxProperties": shape.maximum}
    if isinstance(shape.key, Choice):
        body |= {"properties": {name: _schema(shape.of) for name in shape.key.values}, "additionalProperties": False}
        if shape.complete:
            body["required"] = [*shape.key.values]
    else:
        body |= {"propertyNames": _schema(shape.key), "additionalProperties": _schema(shape.of)}
    return body
