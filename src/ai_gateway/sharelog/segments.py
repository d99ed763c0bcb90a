"""Segments: what is personal about a share, encrypted beside its leaf under the keys of the people it belongs to.

Inside the ciphertext: a salt of 32 random bytes, then the content. In the leaf: a commitment to the content that the
salt opens (``pc``), the ciphertext's hash (``ch``), one blinded tag per owner, and a rough length. Without the salt
nobody can test a guess at the content; with it, nobody can say later that the content was another.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ai_gateway.errors import KeyUnavailable
from ai_gateway.model import ShareId
from ai_gateway.model.entries import Segment
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.keys import PersonKey, content_key, content_key_at, in_order, keyed_hash, place, tag_at

SALT_LENGTH = 32
_NONCE_LENGTH = 12  # NIST SP 800-38D: 96 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A segment not yet numbered. ``facts`` go into the leaf in clear: enumerations and counts alone."""

    kind: str
    owners: Sequence[PersonKey]
    content: bytes = field(repr=False)
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A segment's content, with what it takes to open its commitment."""

    content: bytes = field(repr=False)
    salt: bytes = field(repr=False)


def seal(share: ShareId, kind: str, n: int, draft: Draft) -> tuple[Segment, dict[str, Json]]:
    """The ciphertext, and what the leaf says of it."""
    salt, nonce = os.urandom(SALT_LENGTH), os.urandom(_NONCE_LENGTH)
    where = place(share, kind, n)
    owners = in_order(draft.owners)
    key = content_key_at(owners, where)
    ciphertext = nonce + AESGCM(key).encrypt(nonce, salt + draft.content, where)
    entry: dict[str, Json] = {
        **draft.facts,
        "n": n,
        "kind": draft.kind,
        "tags": [tag_at(owner, where) for owner in owners],
        "pc": commitment_at(salt, where, draft.content).hex(),
        "ch": hashlib.sha256(ciphertext).hexdigest(),
        "length": bucket(len(draft.content)),
    }
    return Segment(n=n, owners=tuple(owner.ref for owner in owners), ciphertext=ciphertext), entry


def open_segment(share: ShareId, kind: str, segment: Segment, owners: Sequence[PersonKey]) -> Opened:
    """The content; ``owners`` must be all of them. Raises ``KeyUnavailable`` for everything that does not decrypt."""
    nonce, sealed = segment.ciphertext[:_NONCE_LENGTH], segment.ciphertext[_NONCE_LENGTH:]
    key = content_key(owners, share, kind, segment.n)
    try:
        plain = AESGCM(key).decrypt(nonce, sealed, place(share, kind, segment.n))
    except (InvalidTag, ValueError):
        raise KeyUnavailable("A segment does not open with the keys that are left") from None
    return Opened(salt=plain[:SALT_LENGTH], content=plain[SALT_LENGTH:])


def commitment(salt: bytes, share: ShareId, kind: str, n: int, content: bytes) -> bytes:
    """HMAC-SHA256 keyed with the salt. AES-GCM alone does not commit: one ciphertext can open under two keys."""
    return commitment_at(salt, place(share, kind, n), content)


def commitment_at(salt: bytes, where: bytes, content: bytes) -> bytes:
    """``commitment`` of a ``place``."""
    return keyed_hash(salt, where + b"\0" + content)


def bucket(length: int) -> int:
    """The next power of two: an exact length can identify a text."""
    return 1 << max(length - 1, 0).bit_length() if length else 0
