"""Reading the JSON a command is given, with the bounds and the words of the HTTP API."""

import sys
from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from ai_gateway.api.problems import InvalidRequest
from ai_gateway.api.schemas import names
from ai_gateway.errors import RequestInvalid, RequestTooLarge, RequestUnreadable

S = TypeVar("S", bound=BaseModel)
_MAX_BYTES = 1 << 20


def read_shape(path: Path, shape: type[S]) -> S:
    """The file's value. Raises ``RequestUnreadable``, ``RequestTooLarge`` or ``RequestInvalid``; none quotes it."""
    value = read_json(path)
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        mistakes = [{**mistake, "loc": ("body", *mistake["loc"])} for mistake in error.errors()]
    told = InvalidRequest(names()).tell(mistakes, shape)
    raise RequestInvalid("; ".join(f"{one['at'] or 'the file'} {one['problem']}" for one in told))


def read_json(path: Path) -> object:
    """``-`` is standard input."""
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise RequestUnreadable(f"{path}: {error.strerror}") from None
    if len(data) > _MAX_BYTES:
        raise RequestTooLarge(f"{path}: at most {_MAX_BYTES} bytes")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise RequestUnreadable(f"{path}: is not JSON in UTF-8") from None
