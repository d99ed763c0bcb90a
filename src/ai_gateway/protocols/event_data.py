"""The JSON in an event's data, read and written."""

import json
import re

from ai_gateway.protocols.channels import Body
from ai_gateway.protocols.shape import Json

_NOT_IN_A_LINE = re.compile("[\x85\u2028\u2029\ud800-\udfff]")
"""Some clients end a line at the first three; UTF-8 has no writing of the rest."""
_ONE_LINE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def read(data: str) -> Body | None:
    """None for what is no JSON object."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def write(body: Json) -> str:
    """On one line."""
    written = _ONE_LINE.encode(body)
    return _NOT_IN_A_LINE.sub(lambda found: f"\\u{ord(found.group()):04x}", written)
