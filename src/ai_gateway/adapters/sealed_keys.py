"""Epoch keys that rest sealed by a key service, which is asked when the gateway starts and when an epoch is made.

Persons' keys are wrapped here, under the epoch's key (a data key, in the services' words): the service is on no
request's path, and sees no person's key. ``docs/adr/key-services.md`` says why.
"""

import base64
import json
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from ai_gateway.adapters.key_file import FORMAT as PLAIN_FORMAT
from ai_gateway.adapters.key_file import (
    check_place,
    destroy_file,
    epoch_files,
    epoch_name,
    load_key_file,
    parse_name,
    read_document,
    write_document,
)
from ai_gateway.adapters.key_ring import KEY_LENGTH, EpochKey, KeyRing
from ai_gateway.errors import ConfigurationError, KeyUnavailable

FORMAT = "ai-gateway-sealed-key/1"
_MAX_ANSWER = 65_536
_SECONDS = 10.0


class KeyService(Protocol):
    """Seals short secrets with a key that never leaves it. Every method raises ``KeyUnavailable``."""

    @property
    def name(self) -> str: ...

    async def generate(self, epoch: int) -> tuple[bytes, str]:
        """32 new random bytes, and the same sealed."""
        ...

    async def seal(self, secret: bytes, epoch: int) -> str: ...

    async def open(self, sealed: str, epoch: int) -> bytes: ...

    async def destroy(self, epoch: int) -> None:
        """Make what was sealed for the epoch unopenable, as far as the service allows; MUST do nothing the second
        time."""
        ...


class SealedKeys(KeyRing):
    """``ports.KeyWrapper`` and ``sharelog.rotation.Epochs``; open it with ``refresh``.

    Reads plain key files beside sealed ones, so that a rotation is all it takes to move to a key service.
    """

    def __init__(self, path: Path, service: KeyService, *, outside: Path | None = None) -> None:
        super().__init__()
        self._path = check_place(path, outside)
        self._service = service

    async def refresh(self) -> None:
        files = epoch_files(self._path)
        if not files:
            raise ConfigurationError(f"key file {self._path}: not found; make one with `ai-gateway keys init`")
        keys = {epoch: await self._open(file, epoch) for epoch, file in files}
        self._hold(keys, max(keys))

    async def make(self) -> int:
        held = dict(epoch_files(self._path))
        await self._write(self._epoch + 1, (await self._open(held[self._epoch], self._epoch)).blind)
        await self.refresh()
        return self._epoch

    async def destroy(self, epoch: int) -> None:
        if epoch >= self._epoch:
            raise ConfigurationError(f"key file: epoch {epoch} is in force; rotate first")
        await self._service.destroy(epoch)
        destroy_file(epoch_name(self._path, epoch))
        await self.refresh()

    async def create(self) -> None:
        """The first epoch's file; never over an existing one."""
        blind, _ = await self._service.generate(parse_name(self._path)[1])
        await self._write(parse_name(self._path)[1], blind)

    async def _write(self, epoch: int, blind: bytes) -> None:
        _, wrap = await self._service.generate(epoch)
        document = {
            "format": FORMAT,
            "epoch": epoch,
            "by": self._service.name,
            "wrap": wrap,
            "blind": await self._service.seal(blind, epoch),
        }
        write_document(epoch_name(self._path, epoch), document)

    async def _open(self, file: Path, epoch: int) -> EpochKey:
        try:
            document: dict[str, Any] = json.loads(read_document(file))
            if document["format"] == PLAIN_FORMAT:
                return load_key_file(file, epoch)
            sound = document["format"] == FORMAT and document["epoch"] == epoch and document["by"] == self._service.name
            wrap, blind = str(document["wrap"]), str(document["blind"])
        except (ValueError, TypeError, KeyError):
            sound, wrap, blind = False, "", ""
        if not sound:
            raise ConfigurationError(f"key file {file}: not of epoch {epoch}, or sealed by another key service")
        key = EpochKey(await self._service.open(wrap, epoch), await self._service.open(blind, epoch))
        if len(key.wrap) != KEY_LENGTH or len(key.blind) != KEY_LENGTH:
            raise KeyUnavailable("The key service opened something that is no key", service=self._service.name)
        return key


async def asked(
    service: str, method: str, url: str, *, headers: dict[str, str], body: bytes, gone: frozenset[int] = frozenset()
) -> dict[str, Any]:
    """One exchange with a key service; its JSON, or nothing for an empty answer or a status in ``gone``.

    Neither the request nor the answer is quoted anywhere: both may hold a key.
    """
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS), trust_env=False) as session,
            session.request(method, url, headers=headers, data=body, allow_redirects=False) as answer,
        ):
            if answer.status in gone:
                return {}
            if answer.status not in (200, 204):
                detail = f"The key service {service} answered {answer.status}; see its own log"
                raise KeyUnavailable(detail, service=service, answered=answer.status)
            text = await answer.content.read(_MAX_ANSWER)
            parsed: Any = json.loads(text) if text.strip() else {}
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        kind = type(error).__name__
        raise KeyUnavailable(f"The key service {service} cannot be asked ({kind})", service=service) from None
    return parsed if isinstance(parsed, dict) else {}


def encoded(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def decoded(service: str, text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except ValueError:
        raise KeyUnavailable(f"The key service {service} answered something unreadable", service=service) from None
