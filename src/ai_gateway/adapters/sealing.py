"""Keys derived from the installation's secret: keyed hashes, and AES-256-GCM for what rests outside the share log."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ai_gateway.ports import KeyWrapper

SECRET_BYTES = 32
_NONCE = 12
_VERSION = b"\x01"


def derive(secret: bytes, use: str) -> bytes:
    """A 32-byte key for one use (HKDF-SHA256, RFC 5869). Keys of different uses tell nothing of each other."""
    if len(secret) < SECRET_BYTES:
        raise ValueError("the secret must be at least 32 bytes")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ai-gateway/" + use.encode()).derive(secret)


class KeyedSeal:
    """``ports.Seal`` under two keys of one use: one to hash, one to encrypt.

    The nonce is random: 2^32 seals under one key stay within the bound of NIST SP 800-38D, 8.3.
    """

    def __init__(self, secret: bytes, use: str) -> None:
        self._keyed = HMAC(derive(secret, f"{use}/tag"), SHA256())
        self._aead = AESGCM(derive(secret, f"{use}/seal"))

    def tag(self, label: str, *parts: bytes) -> bytes:
        # Lengths first, so that no two lists of parts read the same.
        told = b"".join([len(part).to_bytes(8, "big") + part for part in (label.encode(), *parts)])
        keyed = self._keyed.copy()  # a quarter of what keying it anew costs, and every call asks for some
        keyed.update(told)
        return keyed.finalize()

    def seal(self, plain: bytes, context: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._aead.encrypt(nonce, plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes | None:
        head = len(_VERSION) + _NONCE
        if len(sealed) < head or not sealed.startswith(_VERSION):
            return None
        try:
            return self._aead.decrypt(sealed[len(_VERSION) : head], sealed[head:], context)
        except InvalidTag:
            return None


def installation_secret(wrapper: KeyWrapper) -> bytes:
    """32 bytes that every replica of an installation has and that no key epoch changes, from the key file.

    No data subject's mark can be the same bytes: an id holds no NUL.
    """
    return wrapper.blind(b"\0ai-gateway/installation-secret/1")
