"""Key services, against servers on loopback that speak their documented protocols. Never run against the real ones."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from ai_gateway.adapters.aws_signature import AwsCredentials, signed
from ai_gateway.adapters.key_file import KeyFile, create_key_file
from ai_gateway.adapters.kms_keys import AwsKms
from ai_gateway.adapters.sealed_keys import KeyService, SealedKeys
from ai_gateway.adapters.vault_keys import VaultTransit
from ai_gateway.errors import ConfigurationError, KeyUnavailable

pytestmark = pytest.mark.anyio

TOKEN = "hvs.sample"
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
CREDENTIALS = AwsCredentials(access_key="AKIDSAMPLE", secret_key="sample-secret")


@dataclass
class Recorded:
    """What a service was asked, and the keys it made: by name, number and bytes. Sealing is numbering here."""

    address: str = ""
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    sealed: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    deletable: set[str] = field(default_factory=set)
    refuse: int | None = None

    def seal(self, key: str, secret: bytes, prefix: str) -> str:
        number = f"{prefix}{base64.b64encode(f'sealed {len(self.sealed)}'.encode()).decode()}"
        self.sealed[number] = (key, secret)
        return number


@asynccontextmanager
async def served(answer: Callable[[Recorded, web.Request, dict[str, Any]], web.Response]) -> AsyncIterator[Recorded]:
    recorded = Recorded()

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        said = json.loads(body) if body else {}
        recorded.asked.append((request.method, request.path, said))
        if recorded.refuse is not None:
            return web.json_response({"errors": ["refused"]}, status=recorded.refuse)
        return answer(recorded, request, said)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    recorded.address = f"http://127.0.0.1:{port}"
    try:
        yield recorded
    finally:
        await runner.cleanup()


def vault(recorded: Recorded, request: web.Request, said: dict[str, Any]) -> web.Response:
    """Transit's answers, in the shape of its API documentation (2026)."""
    if request.headers.get("x-vault-token") != TOKEN or request.headers.get("x-vault-request") != "true":
        return web.json_response({"errors": ["permission denied"]}, status=403)
    verb, _, rest = request.path.removeprefix("/v1/secrets/transit/").partition("/")
    key = rest.removeprefix("plaintext/").removesuffix("/config")
    if verb == "keys":
        return _vault_keys(recorded, request, key)
    if key not in recorded.keys:
        return web.json_response({"errors": ["encryption key not found"]}, status=400)
    return _vault_secrets(recorded, verb, key, said)


def _vault_secrets(recorded: Recorded, verb: str, key: str, said: dict[str, Any]) -> web.Response:
    if verb == "datakey":
        secret = bytes([len(recorded.sealed) + 1]) * 32
        sealed = recorded.seal(key, secret, "vault:v1:")
        return _data(plaintext=base64.b64encode(secret).decode(), ciphertext=sealed)
    if verb == "encrypt":
        return _data(ciphertext=recorded.seal(key, base64.b64decode(said["plaintext"]), "vault:v1:"))
    owner, secret = recorded.sealed[said["ciphertext"]]
    if owner != key:
        return web.json_response({"errors": ["invalid ciphertext"]}, status=400)
    return _data(plaintext=base64.b64encode(secret).decode())


def _vault_keys(recorded: Recorded, request: web.Request, key: str) -> web.Response:
    if request.path.endswith("/config"):
        recorded.deletable.add(key)
        return web.Response(status=204) if key in recorded.keys else web.json_response({"errors": []}, status=400)
    if request.method != "DELETE":
        recorded.keys.add(key)
    elif key not in recorded.deletable:
        return web.json_response({"errors": ["deletion is not allowed for this key"]}, status=400)
    else:
        recorded.keys.discard(key)
    return web.Response(status=204)


def _data(**data: str) -> web.Response:
    return web.json_response({"request_id": "1", "lease_id": "", "renewable": False, "data": data})


def kms(recorded: Recorded, request: web.Request, said: dict[str, Any]) -> web.Response:
    """KMS's JSON 1.1 answers, in the shape of its API reference; refuses what is not signed for this very request."""
    given = request.headers
    host = recorded.address.removeprefix("http://")
    expected = signed(
        CREDENTIALS,
        method="POST",
        host=host,
        path="/",
        headers={"content-type": given["content-type"], "x-amz-target": given["x-amz-target"]},
        body=json.dumps(said).encode(),
        region="eu-central-1",
        service="kms",
        at=AT,
    )
    if given["authorization"] != expected["authorization"]:
        return web.json_response({"__type": "InvalidSignatureException"}, status=400)
    context = json.dumps(said["EncryptionContext"], sort_keys=True)
    match given["x-amz-target"]:
        case "TrentService.GenerateDataKey":
            assert said["KeySpec"] == "AES_256"
            secret = bytes([len(recorded.sealed) + 1]) * 32
            answer = {
                "Plaintext": base64.b64encode(secret).decode(),
                "CiphertextBlob": recorded.seal(context, secret, ""),
            }
        case "TrentService.Encrypt":
            answer = {"CiphertextBlob": recorded.seal(context, base64.b64decode(said["Plaintext"]), "")}
        case _:
            owner, secret = recorded.sealed[said["CiphertextBlob"]]
            if owner != context:
                return web.json_response({"__type": "InvalidCiphertextException"}, status=400)
            answer = {"Plaintext": base64.b64encode(secret).decode()}
    body = json.dumps({"KeyId": said["KeyId"], **answer})
    return web.Response(text=body, content_type="application/x-amz-json-1.1")


def door(kind: str, recorded: Recorded) -> KeyService:
    if kind == "vault":
        return VaultTransit(recorded.address, mount="secrets/transit", name="ai-gateway", token=TOKEN)
    return AwsKms(
        region="eu-central-1",
        key="alias/ai-gateway",
        credentials=CREDENTIALS,
        endpoint=recorded.address,
        now=lambda: AT,
    )


ANSWERS = {"vault": vault, "kms": kms}
kinds = pytest.mark.parametrize("kind", ANSWERS)


@kinds
async def test_a_key_is_made_opened_rotated_and_destroyed(kind: str, tmp_path: Path) -> None:
    async with served(ANSWERS[kind]) as recorded:
        path = tmp_path / "keys" / "share-log.epoch-1.key"
        first = SealedKeys(path, door(kind, recorded))
        await first.create()
        await first.refresh()
        wrapped = first.wrap(b"k" * 32, b"person")
        reopened = SealedKeys(path, door(kind, recorded))
        await reopened.refresh()
        assert reopened.unwrap(*wrapped, b"person") == b"k" * 32
        assert reopened.blind(b"x") == first.blind(b"x")
        assert await reopened.make() == 2
        assert list(reopened.epochs) == [1, 2]
        assert reopened.blind(b"x") == first.blind(b"x"), "or nobody would be found again"
        assert reopened.unwrap(*wrapped, b"person") == b"k" * 32
        await reopened.destroy(1)
        assert list(reopened.epochs) == [2]
        with pytest.raises(KeyUnavailable):
            reopened.unwrap(*wrapped, b"person")
        with pytest.raises(ConfigurationError):
            await reopened.destroy(2)


@kinds
async def test_no_key_is_in_the_file_and_the_service_sees_no_persons_key(kind: str, tmp_path: Path) -> None:
    async with served(ANSWERS[kind]) as recorded:
        path = tmp_path / "keys" / "share-log.epoch-1.key"
        keys = SealedKeys(path, door(kind, recorded))
        await keys.create()
        await keys.refresh()
        keys.wrap(b"p" * 32, b"person")
        text = path.read_text()
        for _, secret in recorded.sealed.values():
            assert secret.hex() not in text
            assert base64.b64encode(secret).decode() not in text
        assert path.stat().st_mode & 0o777 == 0o600
        told = json.dumps([said for *_, said in recorded.asked])
        assert base64.b64encode(b"p" * 32).decode() not in told


async def test_deleting_vaults_key_makes_every_copy_of_the_sealed_file_useless(tmp_path: Path) -> None:
    async with served(vault) as recorded:
        path = tmp_path / "keys" / "share-log.epoch-1.key"
        keys = SealedKeys(path, door("vault", recorded))
        await keys.create()
        await keys.refresh()
        copy = path.read_bytes()
        await keys.make()
        await keys.destroy(1)
        path.write_bytes(copy)
        path.chmod(0o600)
        with pytest.raises(KeyUnavailable):
            await SealedKeys(path, door("vault", recorded)).refresh()
        await door("vault", recorded).destroy(1)  # a second time does nothing


async def test_a_rotation_moves_from_a_plain_file_to_a_service(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "share-log.epoch-1.key"
    create_key_file(path)
    plain = KeyFile(path)
    wrapped = plain.wrap(b"k" * 32, b"person")
    async with served(vault) as recorded:
        keys = SealedKeys(path, door("vault", recorded))
        await keys.refresh()
        assert await keys.make() == 2
        assert keys.unwrap(*wrapped, b"person") == b"k" * 32
        assert keys.blind(b"x") == plain.blind(b"x")
        await keys.destroy(1)
        assert [file.name for file in path.parent.glob("*.key")] == ["share-log.epoch-2.key"]


@kinds
@pytest.mark.parametrize("status", [400, 403, 500, 503])
async def test_a_service_that_refuses_is_an_error_that_quotes_nothing(kind: str, status: int, tmp_path: Path) -> None:
    async with served(ANSWERS[kind]) as recorded:
        path = tmp_path / "keys" / "share-log.epoch-1.key"
        keys = SealedKeys(path, door(kind, recorded))
        await keys.create()
        recorded.refuse = status
        with pytest.raises(KeyUnavailable) as raised:
            await keys.refresh()
        assert str(status) in raised.value.detail
        assert TOKEN not in raised.value.detail


@kinds
async def test_a_service_that_is_away_is_an_error(kind: str, tmp_path: Path) -> None:
    async with served(ANSWERS[kind]) as recorded:
        pass
    keys = SealedKeys(tmp_path / "keys" / "share-log.epoch-1.key", door(kind, recorded))
    with pytest.raises(KeyUnavailable, match="cannot be asked"):
        await keys.create()


async def test_a_file_sealed_by_another_service_is_refused(tmp_path: Path) -> None:
    async with served(vault) as recorded:
        path = tmp_path / "keys" / "share-log.epoch-1.key"
        await SealedKeys(path, door("vault", recorded)).create()
        with pytest.raises(ConfigurationError, match="another key service"):
            await SealedKeys(path, door("kms", recorded)).refresh()


async def test_a_sealed_key_of_one_epoch_does_not_open_as_anothers(tmp_path: Path) -> None:
    async with served(kms) as recorded:
        service = door("kms", recorded)
        _, sealed = await service.generate(1)
        with pytest.raises(KeyUnavailable):
            await service.open(sealed, 2)


def test_a_signature_is_that_of_the_published_example() -> None:
    """``get-vanilla`` of AWS's Signature Version 4 test suite."""
    headers = signed(
        AwsCredentials(access_key="AKIDEXAMPLE", secret_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        method="GET",
        host="example.amazonaws.com",
        path="/",
        headers={},
        body=b"",
        region="us-east-1",
        service="service",
        at=datetime(2015, 8, 30, 12, 36, tzinfo=UTC),
    )
    assert headers["authorization"].endswith(
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )


def test_a_session_token_is_signed_too() -> None:
    credentials = AwsCredentials(access_key="AKID", secret_key="s", session_token="t0ken")
    headers = signed(
        credentials, method="POST", host="h", path="/", headers={}, body=b"", region="r", service="kms", at=AT
    )
    assert headers["x-amz-security-token"] == "t0ken"
    assert "x-amz-security-token" in headers["authorization"]
    assert "s3" not in repr(credentials)
    assert "t0ken" not in repr(credentials)
