"""AWS KMS as a key service, by its JSON protocol: ``GenerateDataKey``, ``Encrypt``, ``Decrypt``, signed (SigV4).

One KMS key for all epochs; each sealed key carries its epoch in the encryption context, so that none passes for
another. KMS deletes keys after 7 to 30 days at the earliest, which is too slow to be an epoch's end: what ends an epoch
here is the destruction of its sealed file, so that file belongs in no backup that outlives the epoch.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ai_gateway.adapters.aws_signature import AwsCredentials, signed
from ai_gateway.adapters.sealed_keys import asked, decoded, encoded
from ai_gateway.errors import KeyUnavailable

_TYPE = "application/x-amz-json-1.1"


def _now() -> datetime:
    return datetime.now(UTC)


class AwsKms:
    """``sealed_keys.KeyService``. ``key`` is an id, ARN or ``alias/…``; ``endpoint`` replaces the region's own."""

    def __init__(
        self,
        *,
        region: str,
        key: str,
        credentials: AwsCredentials,
        endpoint: str | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._region = region
        self._key = key
        self._credentials = credentials
        self._endpoint = (endpoint or f"https://kms.{region}.amazonaws.com").rstrip("/")
        self._now = now

    @property
    def name(self) -> str:
        return f"aws-kms/{self._key}"

    async def generate(self, epoch: int) -> tuple[bytes, str]:
        answer = await self._ask("GenerateDataKey", {"KeySpec": "AES_256", **self._of(epoch)})
        return decoded(self.name, answer.get("Plaintext")), _text(answer, "CiphertextBlob")

    async def seal(self, secret: bytes, epoch: int) -> str:
        return _text(await self._ask("Encrypt", {"Plaintext": encoded(secret), **self._of(epoch)}), "CiphertextBlob")

    async def open(self, sealed: str, epoch: int) -> bytes:
        answer = await self._ask("Decrypt", {"CiphertextBlob": sealed, **self._of(epoch)})
        return decoded(self.name, answer.get("Plaintext"))

    async def destroy(self, epoch: int) -> None:
        """Nothing: the epoch ends with its file."""

    def _of(self, epoch: int) -> dict[str, Any]:
        return {"KeyId": self._key, "EncryptionContext": {"ai-gateway-epoch": str(epoch)}}

    async def _ask(self, operation: str, said: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(said).encode()
        headers = signed(
            self._credentials,
            method="POST",
            host=urlsplit(self._endpoint).netloc,
            path="/",
            headers={"content-type": _TYPE, "x-amz-target": f"TrentService.{operation}"},
            body=body,
            region=self._region,
            service="kms",
            at=self._now(),
        )
        return await asked(self.name, "POST", f"{self._endpoint}/", headers=headers, body=body)


def _text(answer: dict[str, Any], key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise KeyUnavailable("The key service aws-kms answered something unreadable")
    return value
