"""HashiCorp Vault's transit engine (and those that speak its protocol, such as OpenBao) as a key service.

One transit key per epoch, ``<name>-<epoch>``: deleting it makes every sealed copy of the epoch's key unopenable, in
whatever backup it lies. The token needs ``update`` on ``keys/<name>-*``, ``datakey/plaintext/…``, ``encrypt/…``,
``decrypt/…`` and ``keys/<name>-*/config``, and ``delete`` on ``keys/<name>-*``.
"""

import json
from typing import Any
from urllib.parse import quote

from ai_gateway.adapters.sealed_keys import asked, decoded, encoded
from ai_gateway.errors import KeyUnavailable

_GONE = frozenset({400, 404})
"""What Vault answers about a key that was deleted already."""


class VaultTransit:
    """``sealed_keys.KeyService``. ``address`` is Vault's, ``mount`` the engine's path, ``token`` in no ``repr``."""

    def __init__(
        self, address: str, *, mount: str = "transit", name: str, token: str, namespace: str | None = None
    ) -> None:
        self._base = f"{address.rstrip('/')}/v1/{quote(mount.strip('/'))}"
        self._key = name
        self._headers = {"x-vault-token": token, "x-vault-request": "true", "content-type": "application/json"}
        if namespace is not None:
            self._headers["x-vault-namespace"] = namespace

    @property
    def name(self) -> str:
        return f"vault-transit/{self._key}"

    async def generate(self, epoch: int) -> tuple[bytes, str]:
        await self._ask("POST", f"keys/{self._of(epoch)}", {"type": "aes256-gcm96"})
        data = await self._ask("POST", f"datakey/plaintext/{self._of(epoch)}", {"bits": 256})
        return decoded(self.name, data.get("plaintext")), _text(data, "ciphertext")

    async def seal(self, secret: bytes, epoch: int) -> str:
        return _text(
            await self._ask("POST", f"encrypt/{self._of(epoch)}", {"plaintext": encoded(secret)}), "ciphertext"
        )

    async def open(self, sealed: str, epoch: int) -> bytes:
        data = await self._ask("POST", f"decrypt/{self._of(epoch)}", {"ciphertext": sealed})
        return decoded(self.name, data.get("plaintext"))

    async def destroy(self, epoch: int) -> None:
        await self._ask("POST", f"keys/{self._of(epoch)}/config", {"deletion_allowed": True}, gone=_GONE)
        await self._ask("DELETE", f"keys/{self._of(epoch)}", None, gone=_GONE)

    def _of(self, epoch: int) -> str:
        return quote(f"{self._key}-{epoch}", safe="")

    async def _ask(
        self, method: str, path: str, body: dict[str, Any] | None, gone: frozenset[int] = frozenset()
    ) -> dict[str, Any]:
        sent = b"" if body is None else json.dumps(body).encode()
        answer = await asked(self.name, method, f"{self._base}/{path}", headers=self._headers, body=sent, gone=gone)
        data = answer.get("data")
        return data if isinstance(data, dict) else {}


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise KeyUnavailable("The key service vault-transit answered something unreadable")
    return value
