"""Key services as they are: a real OpenBao (HashiCorp Vault's protocol), and moto's KMS, which checks signatures."""

import base64
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from ai_gateway.adapters.aws_signature import AwsCredentials, signed
from ai_gateway.adapters.key_file import KeyFile, create_key_file
from ai_gateway.adapters.kms_keys import AwsKms
from ai_gateway.adapters.sealed_keys import KeyService, SealedKeys
from ai_gateway.adapters.vault_keys import VaultTransit
from ai_gateway.errors import ConfigurationError, KeyUnavailable
from key_services import ALIAS, MOUNT, NAME, REGION, ROOT_TOKEN, Bao, HTTPError, Kms, ask

pytestmark = pytest.mark.anyio

Door = Callable[[], KeyService]


def vault_door(bao: Bao, token: str | None = None, name: str = NAME) -> VaultTransit:
    return VaultTransit(bao.address, mount=MOUNT, name=name, token=token or bao.token)


def kms_door(kms: Kms, secret_key: str | None = None, access_key: str | None = None) -> AwsKms:
    credentials = AwsCredentials(access_key=access_key or kms.access_key, secret_key=secret_key or kms.secret_key)
    return AwsKms(region=REGION, key=ALIAS, credentials=credentials, endpoint=kms.address)


@pytest.fixture(params=["vault", "kms"])
def service(request: pytest.FixtureRequest) -> KeyService:
    """Vault keeps keys by name: each test has its own."""
    if request.param == "kms":
        return kms_door(request.getfixturevalue("kms"))
    return vault_door(request.getfixturevalue("bao"), name=f"{NAME}-{os.urandom(4).hex()}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "share-log.epoch-1.key"


async def test_epochs_are_made_opened_again_rotated_and_ended(service: KeyService, path: Path) -> None:
    first = SealedKeys(path, service)
    await first.create()
    await first.refresh()
    wrapped = first.wrap(b"k" * 32, b"person")
    reopened = SealedKeys(path, service)
    await reopened.refresh()
    assert reopened.unwrap(*wrapped, b"person") == b"k" * 32
    assert reopened.blind(b"x") == first.blind(b"x")
    assert await reopened.make() == 2
    assert reopened.unwrap(*wrapped, b"person") == b"k" * 32
    assert reopened.blind(b"x") == first.blind(b"x"), "or nobody would be found again"
    await reopened.destroy(1)
    with pytest.raises(KeyUnavailable):
        reopened.unwrap(*wrapped, b"person")
    with pytest.raises(ConfigurationError):
        await reopened.destroy(2)
    assert sorted(file.name for file in path.parent.glob("*.key")) == ["share-log.epoch-2.key"]


async def test_what_is_sealed_for_one_epoch_does_not_open_as_anothers(service: KeyService) -> None:
    secret, sealed = await service.generate(1)
    await service.generate(2)
    assert await service.open(sealed, 1) == secret
    with pytest.raises(KeyUnavailable, match="answered 400"):
        await service.open(sealed, 2)


async def test_what_was_changed_does_not_open(service: KeyService) -> None:
    await service.generate(1)
    sealed = await service.seal(b"s" * 32, 1)
    prefix, colon, coded = sealed.rpartition(":")
    changed = bytearray(base64.b64decode(coded))
    changed[-1] ^= 1
    with pytest.raises(KeyUnavailable, match="answered 400"):
        await service.open(prefix + colon + base64.b64encode(changed).decode(), 1)


async def test_an_ended_epoch_is_useless_in_vault_wherever_copies_of_its_file_lie(bao: Bao, path: Path) -> None:
    service = vault_door(bao, name=f"{NAME}-copied")
    keys = SealedKeys(path, service)
    await keys.create()
    await keys.refresh()
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    await keys.make()
    await keys.destroy(1)
    shutil.copy2(copy, path)
    with pytest.raises(KeyUnavailable):
        await SealedKeys(path, service).refresh()
    with pytest.raises(HTTPError, match="404"):
        ask(bao.address, ROOT_TOKEN, "GET", f"{MOUNT}/keys/{NAME}-copied-1")
    await service.destroy(1)  # a second time does nothing


async def test_the_gateways_token_may_do_what_is_needed_and_nothing_else(bao: Bao) -> None:
    service = vault_door(bao)
    await service.generate(7)
    with pytest.raises(HTTPError, match="403"):
        ask(bao.address, bao.token, "GET", f"{MOUNT}/keys/{NAME}-7")
    with pytest.raises(KeyUnavailable, match="answered 403"):
        await vault_door(bao, name="somebody-elses").generate(1)
    with pytest.raises(KeyUnavailable, match="answered 403") as raised:
        await vault_door(bao, token="s.wrong").open("vault:v1:AAAA", 7)
    assert "s.wrong" not in raised.value.detail


async def test_kms_refuses_what_somebody_else_signed(kms: Kms) -> None:
    _, sealed = await kms_door(kms).generate(1)
    for door in (kms_door(kms, secret_key="wrong"), kms_door(kms, access_key="AKIAWRONG")):
        with pytest.raises(KeyUnavailable, match="answered 40") as raised:
            await door.open(sealed, 1)
        assert "wrong" not in raised.value.detail.lower()


async def test_a_rotation_moves_from_a_plain_file_to_a_service(service: KeyService, path: Path) -> None:
    create_key_file(path)
    plain = KeyFile(path)
    wrapped = plain.wrap(b"k" * 32, b"person")
    keys = SealedKeys(path, service)
    await keys.refresh()
    assert await keys.make() == 2
    assert keys.unwrap(*wrapped, b"person") == b"k" * 32
    assert keys.blind(b"x") == plain.blind(b"x")
    await keys.destroy(1)
    assert keys.epochs == (2,)


_NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20).map(lambda text: f"x-amz-{text}")


@given(
    body=st.binary(max_size=200),
    headers=st.dictionaries(_NAMES, st.text("abcXYZ 0189,;=/+", max_size=30).map(str.strip), max_size=4),
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001  (made aware below)
    token=st.none() | st.text("abcXYZ089+/=", min_size=1, max_size=40),
)
def test_signatures_are_those_of_awss_own_library(
    body: bytes, headers: dict[str, str], at: datetime, token: str | None
) -> None:
    when = at.replace(tzinfo=UTC, microsecond=0)
    headers = {name: value for name, value in headers.items() if name not in ("x-amz-date", "x-amz-security-token")}
    credentials = AwsCredentials(access_key="AKIDSAMPLE", secret_key="sample/secret+1", session_token=token)
    ours = signed(
        credentials,
        method="POST",
        host="kms.eu-central-1.amazonaws.com",
        path="/",
        headers=headers,
        body=body,
        region=REGION,
        service="kms",
        at=when,
    )
    request = AWSRequest(method="POST", url="https://kms.eu-central-1.amazonaws.com/", data=body, headers=headers)
    signer = SigV4Auth(Credentials("AKIDSAMPLE", "sample/secret+1", token), "kms", REGION)
    request.context["timestamp"] = when.strftime("%Y%m%dT%H%M%SZ")
    if token is not None:
        request.headers["X-Amz-Security-Token"] = token
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    canonical = signer.canonical_request(request)
    scope = signer.string_to_sign(request, canonical)
    assert ours["authorization"].rpartition("Signature=")[2] == signer.signature(scope, request)
