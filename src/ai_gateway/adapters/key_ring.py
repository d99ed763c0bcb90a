"""Wrapping people's keys under the keys of epochs, wherever those come from."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from ai_gateway.errors import KeyUnavailable

KEY_LENGTH = 32
_NONCE_LENGTH = 12


@dataclass(frozen=True, slots=True)
class EpochKey:
    """``wrap`` is the epoch's own; ``blind`` is the same in every epoch, or nobody would be found again."""

    wrap: bytes = field(repr=False)
    blind: bytes = field(repr=False)


class KeyRing:
    """The synchronous part of ``ports.KeyWrapper``, over AES-256-GCM. Its ``repr`` names the epoch alone."""

    def __init__(self) -> None:
        self._epoch = 0
        self._keys: dict[int, AESGCM] = {}
        self._blind = HMAC(b"", SHA256())

    def __repr__(self) -> str:
        return f"{type(self).__name__}(epoch={self._epoch})"

    @property
    def epoch(self) -> int:
        return self._epoch

    @property
    def epochs(self) -> tuple[int, ...]:
        """Every epoch whose key is held, oldest first. More than one: a rotation is not finished."""
        return tuple(sorted(self._keys))

    def wrap(self, key: bytes, context: bytes) -> tuple[int, bytes]:
        nonce = os.urandom(_NONCE_LENGTH)
        return self._epoch, nonce + self._keys[self._epoch].encrypt(nonce, key, _bound(self._epoch, context))

    def unwrap(self, epoch: int, wrapped: bytes, context: bytes) -> bytes:
        key = self._keys.get(epoch)
        if key is None:
            raise KeyUnavailable(f"The key of epoch {epoch} is not held here", epoch=epoch)
        try:
            return key.decrypt(wrapped[:_NONCE_LENGTH], wrapped[_NONCE_LENGTH:], _bound(epoch, context))
        except (InvalidTag, ValueError):
            raise KeyUnavailable("A person's key was wrapped by another installation", epoch=epoch) from None

    def blind(self, value: bytes) -> bytes:
        keyed = self._blind.copy()
        keyed.update(value)
        return keyed.finalize()

    def _hold(self, keys: Mapping[int, EpochKey], current: int) -> None:
        self._keys = {epoch: AESGCM(key.wrap) for epoch, key in keys.items()}
        self._epoch, self._blind = current, HMAC(keys[current].blind, SHA256())


def _bound(epoch: int, context: bytes) -> bytes:
    return context + b"\0" + epoch.to_bytes(4, "big")
