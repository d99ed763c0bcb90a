"""One random key per person. Destroying it makes everything encrypted under it unreadable, wherever copies lie.

A root is random, never derived from a master key: what can be derived again cannot be destroyed. Roots rest wrapped
under the current epoch's key and are held in memory for a bounded time.
"""

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ai_gateway.errors import KeyUnavailable, StoreUnavailable
from ai_gateway.model import ShareId, SubjectId
from ai_gateway.model.entries import StoredKey
from ai_gateway.ports import KeyWrapper, ShareStore

KEY_LENGTH = 32
REF_LENGTH = 16
TAG_LENGTH = 16  # 128 bits: tags are compared by one person at a time, never searched for collisions

_SHA256 = SHA256()
_CONTENT = b"ai-gateway/share-log/1/content"
_TAG = b"ai-gateway/share-log/1/tag"


@dataclass(frozen=True, slots=True)
class PersonKey:
    """``ref`` stands for the person beside the log; ``tag_key`` finds their segments and opens nothing."""

    ref: bytes = field(repr=False)
    root: bytes = field(repr=False)
    tag_key: bytes = field(repr=False)


def person_key(ref: bytes, root: bytes) -> PersonKey:
    return PersonKey(ref=ref, root=root, tag_key=_derive(root, _TAG))


def content_key(owners: Iterable[PersonKey], share: ShareId, kind: str, n: int) -> bytes:
    """32 bytes, for one segment. It takes every owner's root: with one destroyed, the segment is gone.

    A key of its own per segment means that no nonce can ever repeat under one key.
    """
    return content_key_at(in_order(owners), place(share, kind, n))


def content_key_at(owners: Sequence[PersonKey], where: bytes) -> bytes:
    """``content_key`` of a ``place``, of owners ``in_order``."""
    return _derive(b"".join([key.root for key in owners]), _CONTENT + where)


def in_order(owners: Iterable[PersonKey]) -> Sequence[PersonKey]:
    return sorted(owners, key=_ref)


_ref = attrgetter("ref")


def tag(key: PersonKey, share: ShareId, kind: str, n: int) -> str:
    """Hex. Says to a holder of the person's tag key that a segment is theirs; to all others it is noise."""
    return tag_at(key, place(share, kind, n))


def tag_at(key: PersonKey, where: bytes) -> str:
    """``tag`` of a ``place``."""
    return keyed_hash(key.tag_key, where)[:TAG_LENGTH].hex()


def keyed_hash(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA256. (``hmac.digest`` looks its algorithm up each time, which costs as much again as the hash.)"""
    keyed = HMAC(key, _SHA256)
    keyed.update(data)
    return keyed.finalize()


def place(share: ShareId, kind: str, n: int) -> bytes:
    """Names one segment of one entry, unambiguously: neither ids nor kinds hold a NUL."""
    return b"\0".join((share.encode(), kind.encode(), n.to_bytes(4, "big")))


class PersonKeys:
    """Finds people's keys, and makes them when they are first needed."""

    def __init__(
        self,
        store: ShareStore,
        wrapper: KeyWrapper,
        *,
        held_for: float = 60.0,
        held_at_most: int = 10_000,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._wrapper = wrapper
        self._held: OrderedDict[bytes, tuple[float, PersonKey]] = OrderedDict()
        self._held_for = held_for
        self._held_at_most = held_at_most
        self._now = now

    async def of(self, subjects: Iterable[SubjectId]) -> Mapping[SubjectId, PersonKey]:
        """Everybody's key, durable before it is returned. Raises ``StoreUnavailable`` or ``KeyUnavailable``."""
        marks = {subject: self._mark(subject) for subject in subjects}
        found = await self._by_mark(tuple(marks.values()))
        missing = [mark for mark in marks.values() if mark not in found]
        if missing:
            await self._add(missing)
            found |= await self._by_mark(missing)  # read back: another replica may have been first
        if any(mark not in found for mark in marks.values()):
            raise KeyUnavailable("A person's key is being destroyed; nothing can be recorded about them")
        return {subject: found[mark] for subject, mark in marks.items()}

    def at_hand(self, subjects: Iterable[SubjectId]) -> Mapping[SubjectId, PersonKey] | None:
        """``of``, where everybody's key is held in memory; else None."""
        found: dict[SubjectId, PersonKey] = {}
        fresh = self._now() - self._held_for
        for subject in subjects:
            since, key = self._held.get(self._mark(subject), (fresh, None))
            if key is None or since <= fresh:
                return None
            found[subject] = key
        return found

    async def known(self, subject: SubjectId) -> PersonKey | None:
        """A person's key, if the log ever recorded anything about them and the key still exists."""
        mark = self._mark(subject)
        return (await self._by_mark((mark,))).get(mark)

    async def subject_refs(self, subjects: Iterable[SubjectId]) -> Mapping[SubjectId, bytes]:
        """The random reference (16 bytes) that stands for each person, made when first asked for."""
        return {subject: key.ref for subject, key in (await self.of(subjects)).items()}

    async def ref_of_mark(self, mark: bytes) -> bytes | None:
        """By the keyed hash that finds a key, without opening it."""
        stored = (await self._store.keys_by_mark((mark,))).get(mark)
        return None if stored is None else stored.ref

    async def held(self, refs: Iterable[bytes]) -> Mapping[bytes, PersonKey]:
        """The keys that still exist, by reference, for reading."""
        stored = await self._store.keys_by_ref(tuple(refs))
        await self._meet(stored.values())
        return {ref: key for ref, wrapped in stored.items() if (key := self._open_if_held(wrapped))}

    def forget(self) -> None:
        """Drop every key from memory."""
        self._held.clear()

    async def _by_mark(self, marks: Sequence[bytes]) -> dict[bytes, PersonKey]:
        fresh = self._now() - self._held_for
        found: dict[bytes, PersonKey] = {}
        for mark in marks:
            since, key = self._held.get(mark, (fresh, None))
            if key is not None and since > fresh:
                found[mark] = key
        absent = [mark for mark in marks if mark not in found]
        if absent:
            wrapped = await self._store.keys_by_mark(absent)
            await self._meet(wrapped.values())
            for mark, stored in wrapped.items():
                found[mark] = self._open(stored)
                self._hold(mark, found[mark])
        return found

    async def _add(self, marks: Sequence[bytes]) -> None:
        epoch = self._wrapper.epoch
        try:
            await self._store.add_keys({mark: self._new() for mark in marks})
        except StoreUnavailable:
            await self._wrapper.refresh()  # a rotation may have made our epoch one that has passed
            if self._wrapper.epoch == epoch:
                raise
            await self._store.add_keys({mark: self._new() for mark in marks})

    async def _meet(self, keys: Iterable[StoredKey]) -> None:
        """See that the epochs of these keys are held, if they can be."""
        newest = max((key.epoch for key in keys), default=0)
        if newest > self._wrapper.epoch:
            await self._wrapper.refresh()

    def _hold(self, mark: bytes, key: PersonKey) -> None:
        self._held[mark] = (self._now(), key)
        self._held.move_to_end(mark)
        while len(self._held) > self._held_at_most:
            self._held.popitem(last=False)

    def _open(self, stored: StoredKey) -> PersonKey:
        return person_key(stored.ref, self._wrapper.unwrap(stored.epoch, stored.wrapped, stored.ref))

    def _open_if_held(self, stored: StoredKey) -> PersonKey | None:
        try:
            return self._open(stored)
        except KeyUnavailable:
            return None

    def _new(self) -> StoredKey:
        ref = os.urandom(REF_LENGTH)
        epoch, wrapped = self._wrapper.wrap(os.urandom(KEY_LENGTH), ref)
        return StoredKey(ref=ref, epoch=epoch, wrapped=wrapped)

    def _mark(self, subject: SubjectId) -> bytes:
        return self._wrapper.blind(subject.encode())


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=_SHA256, length=KEY_LENGTH, salt=None, info=purpose).derive(secret)  # RFC 5869
