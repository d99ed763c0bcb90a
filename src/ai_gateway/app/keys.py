"""The keys that everything personal rests under: in files, or sealed by a key service."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ai_gateway.adapters.key_file import KeyFile, create_key_file
from ai_gateway.config import Settings
from ai_gateway.errors import ConfigurationError
from ai_gateway.sharelog.rotation import Epochs

if TYPE_CHECKING:  # a third of a second that a file needs not wait for
    from ai_gateway.adapters.sealed_keys import KeyService

_STEM = "share-log"


def key_file(settings: Settings) -> Path:
    """The newest epoch's file; the first one's name when there is none."""
    found = sorted(settings.keys_folder.glob(f"{_STEM}.epoch-*.key"), key=_epoch)
    return found[-1] if found else settings.keys_folder / f"{_STEM}.epoch-1.key"


async def open_keys(settings: Settings, environ: Mapping[str, str] = os.environ) -> Epochs:
    """The keys, opened. ``environ`` holds the key service's credentials.

    The embedded default makes its file with its first database. Nothing else does: a second replica with a key of its
    own, or a new key for an old database, could read nothing and would find nobody.
    """
    path = key_file(settings)
    if not path.exists():
        if not settings.embedded or settings.key_service is not None:
            raise ConfigurationError(
                f"key file {path}: not found; make one with `ai-gateway keys init` and give every replica the same"
            )
        if (settings.data_folder / "gateway.db").exists():
            raise ConfigurationError(
                f"key file {path}: not found, but its database is; restore the file from your key backup"
            )
        create_key_file(path)
    if settings.key_service is None:
        return KeyFile(path, outside=settings.data_folder)
    from ai_gateway.adapters.sealed_keys import SealedKeys

    sealed = SealedKeys(path, _service(settings.key_service, environ), outside=settings.data_folder)
    await sealed.refresh()
    return sealed


async def create_keys(settings: Settings, environ: Mapping[str, str] = os.environ) -> Path:
    """The first epoch's file, where there is none yet."""
    path = key_file(settings)
    if settings.key_service is None:
        create_key_file(path)
        return path
    from ai_gateway.adapters.sealed_keys import SealedKeys

    await SealedKeys(path, _service(settings.key_service, environ), outside=settings.data_folder).create()
    return path


def _service(url: str, environ: Mapping[str, str]) -> "KeyService":
    """``vault+https://host:8200/<mount>/<name>`` or ``awskms://<region>/<key>``."""
    parsed = urlsplit(url)
    path = parsed.path.strip("/")
    if parsed.scheme == "awskms":
        return _kms(parsed.netloc, path, environ)
    from ai_gateway.adapters.vault_keys import VaultTransit

    mount, _, name = path.rpartition("/")
    if not mount or not name:
        raise ConfigurationError("AI_GATEWAY_KEY_SERVICE: write vault+https://host:8200/<mount>/<name>")
    return VaultTransit(
        f"{parsed.scheme.removeprefix('vault+')}://{parsed.netloc}",
        mount=mount,
        name=name,
        token=_credential(environ, "VAULT_TOKEN"),
        namespace=environ.get("VAULT_NAMESPACE"),
    )


def _kms(region: str, key: str, environ: Mapping[str, str]) -> "KeyService":
    from ai_gateway.adapters.aws_signature import AwsCredentials
    from ai_gateway.adapters.kms_keys import AwsKms

    if not region or not key:
        raise ConfigurationError("AI_GATEWAY_KEY_SERVICE: write awskms://<region>/<key id or alias/name>")
    credentials = AwsCredentials(
        access_key=_credential(environ, "AWS_ACCESS_KEY_ID"),
        secret_key=_credential(environ, "AWS_SECRET_ACCESS_KEY"),
        session_token=environ.get("AWS_SESSION_TOKEN"),
    )
    return AwsKms(region=region, key=key, credentials=credentials, endpoint=environ.get("AWS_ENDPOINT_URL_KMS"))


def _credential(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name)
    if not value:
        raise ConfigurationError(f"{name}: not set; AI_GATEWAY_KEY_SERVICE needs it")
    return value


def _epoch(path: Path) -> int:
    digits = path.name.removeprefix(f"{_STEM}.epoch-").removesuffix(".key")
    return int(digits) if digits.isdigit() else 0
