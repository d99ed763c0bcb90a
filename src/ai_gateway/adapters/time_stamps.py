"""RFC 3161 time stamps: a third party signs when a checkpoint existed. One a day; the only door to ``rfc3161_client``.

Checked before it is kept, and again by anybody with OpenSSL: ``docs/log-format.md`` has the command.
"""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from cryptography.x509 import Certificate, load_pem_x509_certificates

from ai_gateway.errors import ConfigurationError, StoreUnavailable
from ai_gateway.verifier import Checkpoint

try:
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerificationError, decode_timestamp_response
    from rfc3161_client.verify import VerifierBuilder
except ImportError:
    raise ConfigurationError(
        "AI_GATEWAY_TIME_STAMP_URL: needs a package of its own; run: pip install 'ai-gateway[time-stamps]'"
    ) from None

_DEADLINE = aiohttp.ClientTimeout(total=5)
_MAX_ANSWER = 64 << 10
_OK = 200


class TimeStampSink:
    """The day's first checkpoint, ``<date>.note``, and its stamp beside it, ``<date>.tsr`` (a ``TimeStampResp``)."""

    def __init__(self, folder: Path, url: str, roots: Path) -> None:
        """Raises ``ConfigurationError`` when ``roots`` holds no certificates."""
        self.name = "the time stamping authority"
        self._folder = folder
        self._url = url
        self._roots = _certificates(roots)

    async def put(self, checkpoint: Checkpoint) -> None:
        stamp = self._folder / f"{datetime.now(UTC):%Y-%m-%d}.tsr"
        if await asyncio.to_thread(stamp.exists):
            return
        note = checkpoint.note.encode()
        answer = await self._stamped(note)
        await asyncio.to_thread(_keep, {stamp.with_suffix(".note"): note, stamp: answer})

    async def _stamped(self, note: bytes) -> bytes:
        request = TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA256).build()
        headers = {"content-type": "application/timestamp-query"}
        try:
            async with (
                aiohttp.ClientSession(timeout=_DEADLINE, trust_env=False) as session,
                session.post(self._url, data=request.as_bytes(), headers=headers, allow_redirects=False) as response,
            ):
                answer = await response.content.read(_MAX_ANSWER)
                status = response.status
        except aiohttp.ClientError as error:
            raise StoreUnavailable(f"The time stamping authority failed ({type(error).__name__})") from None
        if status != _OK:
            raise StoreUnavailable(f"The time stamping authority answered {status}")
        builder = VerifierBuilder.from_request(request)
        for root in self._roots:
            builder = builder.add_root_certificate(root)
        try:
            builder.build().verify_message(decode_timestamp_response(answer), note)
        except (VerificationError, ValueError) as error:
            raise StoreUnavailable(f"The time stamping authority's answer does not hold: {error}") from None
        return answer


def _certificates(path: Path) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        raise ConfigurationError("AI_GATEWAY_TIME_STAMP_ROOTS: not a file of certificates (PEM)") from None


def _keep(files: dict[Path, bytes]) -> None:
    """Each whole or not at all; the stamp last."""
    for path, data in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
