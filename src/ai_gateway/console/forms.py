"""The body of a form: read within bounds, and parsed as browsers write it without a script."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

from fastapi import Request

from ai_gateway.console.fields import Fields
from ai_gateway.console.services import console_of
from ai_gateway.errors import GatewayBusy, MediaTypeUnsupported, RequestTooLarge, RequestUnreadable

_MAX_BYTES = 2 << 20
"""Percent-encoded: three bytes for one in most scripts but Latin."""
_MAX_FIELDS = 2_000
_SECONDS = 15.0
_FORM = "application/x-www-form-urlencoded"


@asynccontextmanager
async def form_of(request: Request) -> AsyncGenerator[Fields]:
    """The form's fields, while there is room to work on it.

    Raises ``GatewayBusy``, ``MediaTypeUnsupported``, ``RequestTooLarge`` and ``RequestUnreadable``.
    """
    room = console_of(request.scope).room
    if room.locked():
        raise GatewayBusy("Many forms are being worked on; send yours again in a moment", retry_after=1)
    async with room:
        yield Fields(_parsed(await _read(request)))


async def _read(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise MediaTypeUnsupported("Send the form as browsers do", media_type=_FORM)
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_SECONDS):
            async for piece in request.stream():
                pieces.append(piece)
                size += len(piece)
                if size > _MAX_BYTES:
                    raise RequestTooLarge(f"A form may have at most {_MAX_BYTES} bytes", limit=_MAX_BYTES)
    except TimeoutError:
        raise RequestUnreadable("The form did not arrive in time", seconds=_SECONDS) from None
    return b"".join(pieces)


def _parsed(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:  # its message may quote the form
        raise RequestUnreadable(f"The form cannot be read, or has more than {_MAX_FIELDS} fields") from None
