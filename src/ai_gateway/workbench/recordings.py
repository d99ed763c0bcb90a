"""Vendors' replies, kept once and given again: by vendor and by the SHA-256 of the body that was sent.

What is kept is the reply as it came, pseudonyms and all; the people of cases are invented.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, cast

from ai_gateway.errors import ConfigurationError
from ai_gateway.model import ClearedOutbound, Completion

MAX_BYTES = 16 << 20
_KEYS = frozenset(
    {"vendor", "model", "body", "case", "recorded", "finish_reason", "input_tokens", "output_tokens", "ms", "reply"}
)

Key = tuple[str, str]
"""Vendor, and the body's SHA-256 in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """``recorded`` is a date (ISO 8601); ``milliseconds`` how long the vendor took; ``case`` what it was for."""

    vendor: str
    model: str
    body: str
    case: str
    recorded: str
    finish_reason: str
    input_tokens: int | None
    output_tokens: int | None
    milliseconds: float
    text: str = field(repr=False)

    @property
    def key(self) -> Key:
        return self.vendor, self.body

    def completion(self) -> Completion:
        return Completion(
            text=self.text,
            finish_reason=self.finish_reason,
            model=self.model,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            body_length=len(self.text.encode()),
        )


def key_of(cleared: ClearedOutbound) -> Key:
    return cleared.outbound.vendor, sha256(cleared.outbound.body).hexdigest()


def read_recordings(data: bytes, file: str) -> dict[Key, Recording]:
    """Raises ``ConfigurationError`` with what is wrong and what to do."""
    if len(data) > MAX_BYTES:
        raise ConfigurationError(f"{file}:1:1: #: is longer than {MAX_BYTES} bytes; remove it and record again")
    try:
        value = json.loads(data)
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
        raise ConfigurationError(f"{file}:{line}:{column}: #: is not JSON; remove it and record again") from None
    except (UnicodeDecodeError, RecursionError):
        raise ConfigurationError(f"{file}:1:1: #: is not JSON in UTF-8; remove it and record again") from None
    entries = cast("dict[str, Any]", value).get("recordings") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise ConfigurationError(f"{file}:1:1: #: must hold a list of recordings; remove it and record again")
    read = [_read(entry, f"{file}:1:1: #/recordings/{index}") for index, entry in enumerate(entries)]
    return {one.key: one for one in read}


def _read(entry: object, at: str) -> Recording:
    given = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
    texts = all(
        isinstance(given.get(key), str) for key in ("vendor", "model", "body", "case", "recorded", "finish_reason")
    )
    lines = given.get("reply")
    counts = all(isinstance(given.get(key), int | None) for key in ("input_tokens", "output_tokens"))
    whole = isinstance(lines, list) and all(isinstance(line, str) for line in lines)
    if given.keys() != _KEYS or not texts or not whole or not counts or not isinstance(given["ms"], int | float):
        raise ConfigurationError(f"{at}: is not a recording; remove it and record again")
    return Recording(
        vendor=given["vendor"],
        model=given["model"],
        body=given["body"],
        case=given["case"],
        recorded=given["recorded"],
        finish_reason=given["finish_reason"],
        input_tokens=given["input_tokens"],
        output_tokens=given["output_tokens"],
        milliseconds=given["ms"],
        text="\n".join(cast("list[str]", lines)),
    )


def write_recordings(recordings: Mapping[Key, Recording]) -> bytes:
    """In an order that does not change, a reply line by line: what a review can read."""
    entries = [
        {
            "vendor": one.vendor,
            "model": one.model,
            "case": one.case,
            "body": one.body,
            "recorded": one.recorded,
            "finish_reason": one.finish_reason,
            "input_tokens": one.input_tokens,
            "output_tokens": one.output_tokens,
            "ms": round(one.milliseconds),
            "reply": one.text.split("\n"),
        }
        for one in sorted(recordings.values(), key=lambda one: (one.case, one.vendor, one.model, one.body))
    ]
    return (json.dumps({"recordings": entries}, indent=1, ensure_ascii=False) + "\n").encode()
