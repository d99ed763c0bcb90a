import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import text

from ai_gateway.adapters.checkpoint_sinks import FolderSink, WebhookSink
from ai_gateway.adapters.memory_coordination import MemoryCoordination
from ai_gateway.adapters.signing_key_file import SigningKeyFile, create_signing_key, held_keys, newest
from ai_gateway.errors import (
    CheckpointAbsent,
    CheckpointRefused,
    ConfigurationError,
    LogInconsistent,
    NotFound,
    StoreUnavailable,
)
from ai_gateway.model import new_share_id
from ai_gateway.sharelog.checkpoint import Publisher, letter
from ai_gateway.sharelog.merkle import extend, leaf_hash, root
from ai_gateway.sharelog.proof import assemble, consistency, needed
from ai_gateway.verifier import (
    Broken,
    Checkpoint,
    check_proof,
    open_any,
    open_checkpoint,
    parse_key,
    read_checkpoint,
    read_leaf,
    read_proof,
)
from log_books import Book, log_book

pytestmark = pytest.mark.anyio
LEAVES = [leaf_hash(bytes([number])) for number in range(9)]


def root_at(size: int, leaves: list[bytes] = LEAVES) -> bytes:
    return root(*extend(0, b"", leaves[:size]))


def proof_of(old: int, new: int) -> list[bytes]:
    ranges = consistency(old, new)
    return assemble(ranges, {part: root(*extend(0, b"", LEAVES[slice(*part.leaves)])) for part in needed(ranges)})


@pytest.fixture
def signer(tmp_path: Path) -> SigningKeyFile:
    return create_signing_key(tmp_path / "signing", "market.example", 2026)


@pytest.fixture
async def book(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Book]:
    async with log_book(sqlite_url, tmp_path) as book:
        yield book


# --- the signer ---


def test_a_note_is_signed_under_the_logs_origin(signer: SigningKeyFile) -> None:
    note = signer.sign(3, root_at(3), [])
    opened = open_checkpoint(note, parse_key(signer.key))
    assert (opened.origin, opened.size, opened.root) == ("market.example/ai-gateway/sharelog/2026", 3, root_at(3))
    assert signer.last() == opened


def test_what_begins_with_what_was_signed_is_signed(signer: SigningKeyFile) -> None:
    for old, new in ((0, 2), (2, 5), (5, 9)):
        signer.sign(new, root_at(new), proof_of(old, new))
    assert signer.sign(9, root_at(9), []) == signer.last().note


def test_what_does_not_begin_with_what_was_signed_is_refused(signer: SigningKeyFile) -> None:
    signer.sign(5, root_at(5), [])
    other = [leaf_hash(b"other"), *LEAVES[1:]]
    for size, forged, proof in (
        (9, root_at(9, other), proof_of(5, 9)),
        (9, root_at(9), []),
        (9, root_at(9), proof_of(5, 9)[1:]),
        (5, root_at(5, other), []),
        (4, root_at(4), []),
        (0, root_at(0), []),
    ):
        with pytest.raises(CheckpointRefused):
            signer.sign(size, forged, proof)
    assert signer.last().size == 5


def test_a_signer_without_its_memory_signs_nothing(signer: SigningKeyFile, tmp_path: Path) -> None:
    signer.sign(3, root_at(3), [])
    note = tmp_path / "signing" / "checkpoint-2026.note"
    kept = note.read_bytes()
    note.write_bytes(kept.replace(b"\n3\n", b"\n2\n"))
    with pytest.raises(CheckpointRefused, match="signature"):
        signer.sign(4, root_at(4), proof_of(3, 4))
    note.unlink()
    with pytest.raises(CheckpointRefused, match="restore"):
        signer.sign(4, root_at(4), proof_of(3, 4))
    note.write_bytes(kept)
    signer.sign(4, root_at(4), proof_of(3, 4))


def test_the_memory_is_written_before_the_note_is_given(signer: SigningKeyFile, tmp_path: Path) -> None:
    (tmp_path / "signing" / "checkpoint-2026.note.new").mkdir()  # as a full disk would, it stops the writing
    with pytest.raises(CheckpointRefused, match="cannot be written"):
        signer.sign(1, root_at(1), [])
    assert signer.last().size == 0


def test_a_frozen_year_signs_nothing_more_and_the_next_begins_where_it_ended(
    signer: SigningKeyFile, tmp_path: Path
) -> None:
    final = signer.sign(5, root_at(5), [])
    signer.close(final)
    assert signer.sign(5, root_at(5), []) == final
    with pytest.raises(CheckpointRefused, match="final"):
        signer.sign(6, root_at(6), proof_of(5, 6))
    following = create_signing_key(tmp_path / "signing", "market.example", 2027, read_checkpoint(final)[0])
    assert (following.last().size, following.last().root) == (5, root_at(5))
    following.sign(6, root_at(6), proof_of(5, 6))
    found = newest(tmp_path / "signing")
    assert found is not None
    assert SigningKeyFile(found).key == following.key
    assert [key.name[-4:] for key in held_keys(tmp_path / "signing")] == ["2026", "2027"]


def test_the_key_is_its_owners_alone(signer: SigningKeyFile, tmp_path: Path) -> None:
    folder = tmp_path / "signing"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert repr(signer) == f"SigningKeyFile({signer.key})"
    path = folder / "checkpoint-2026.key"
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        SigningKeyFile(path)
    with pytest.raises(ConfigurationError, match="exists"):
        create_signing_key(folder, "market.example", 2026)
    path.chmod(0o600)
    path.write_text("{}")
    with pytest.raises(ConfigurationError, match="not a signing key"):
        SigningKeyFile(path)


@pytest.mark.parametrize("name", ["two words", "a+b", "line\nbreak"])
def test_a_name_that_no_signature_can_carry_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="AI_GATEWAY_LOG_NAME"):
        create_signing_key(tmp_path, name, 2026)


# --- the publisher ---


async def test_every_share_has_a_proof_that_an_outsider_can_check(book: Book) -> None:
    await book.share(3)
    await book.checkpoint()
    for share in book.shares:
        for outcome, kind in ((False, "share.intent"), (True, "share.outcome")):
            text = await book.proofs.of_share(share, outcome=outcome)
            checkpoint, leaf = check_proof(read_proof(text), parse_key(book.signer.key))
            assert checkpoint.size == 6
            assert (read_leaf(leaf)["eid"], read_leaf(leaf)["type"]) == (share, kind)


async def test_an_entry_younger_than_the_newest_checkpoint_has_no_proof_yet(book: Book) -> None:
    with pytest.raises(CheckpointAbsent):
        await book.proofs.checkpoint()
    await book.share()
    await book.checkpoint()
    await book.share()
    with pytest.raises(CheckpointAbsent):
        await book.proofs.of_share(book.shares[-1])
    with pytest.raises(NotFound):
        await book.proofs.of_share(new_share_id())


async def until(book: Book, size: str) -> None:
    while (await book.tree.newest_checkpoint() or "").split("\n")[1:2] != [size]:  # noqa: ASYNC110  (polls a database)
        await asyncio.sleep(0.005)


async def test_checkpoints_are_made_while_the_log_grows_and_not_otherwise(book: Book) -> None:
    running = asyncio.create_task(book.publisher.run())
    await book.share()
    await until(book, "2")
    before = await book.tree.checkpoints(0, 100)
    for _ in range(5):
        await asyncio.sleep(0.01)
    assert await book.tree.checkpoints(0, 100) == before
    running.cancel()
    await asyncio.wait([running])


async def test_one_replica_signs_at_a_time(book: Book) -> None:
    shared = MemoryCoordination()
    await book.share()
    claimed = await shared.claim("share-log/signer", b"", 60.0)
    waiting = Publisher(book.tree, book.signer, coordination=shared, clock=book.parts.clock, every=0.005)
    running = asyncio.create_task(waiting.run())
    await asyncio.sleep(0.03)
    assert await book.tree.newest_checkpoint() is None
    await shared.release("share-log/signer", claimed.token)  # type: ignore[union-attr]
    await until(book, "2")
    running.cancel()
    await asyncio.wait([running])


async def test_publishers_at_once_make_one_line_of_checkpoints(book: Book) -> None:
    async def share() -> None:
        for _ in range(4):
            await book.share()

    async def publish() -> None:
        for _ in range(6):
            await book.publisher.publish()

    await asyncio.gather(share(), publish(), publish())
    await book.checkpoint()
    sizes = [read_checkpoint(note)[0].size for note in await book.tree.checkpoints(0, 100)]
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == 8


# --- where they go ---


async def test_a_folder_gets_every_checkpoint(sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    async with log_book(sqlite_url, tmp_path, (FolderSink(folder),)) as book:
        await book.share()
        first = await book.checkpoint()
        await book.share()
        second = await book.checkpoint()
    assert sorted(path.name for path in folder.iterdir()) == [f"{2:016}.note", f"{4:016}.note", "latest.note"]
    assert (folder / f"{2:016}.note").read_text() == first.note
    assert (folder / "latest.note").read_text() == second.note


async def test_a_web_address_gets_the_note_and_nothing_waits_for_one_that_fails(
    sqlite_url: str, tmp_path: Path
) -> None:
    got: list[tuple[str, str]] = []
    statuses = iter([204, 500, 302])

    async def take(request: web.Request) -> web.Response:
        got.append((request.content_type, await request.text()))
        return web.Response(status=next(statuses), headers={"location": "/elsewhere"})

    application = web.Application()
    application.router.add_post("/checkpoints", take)
    async with TestServer(application) as server:
        url = str(server.make_url("/checkpoints"))
        async with log_book(sqlite_url, tmp_path, (WebhookSink(url),)) as book:
            await book.share()
            first = await book.checkpoint()
            assert got == [("text/plain", first.note)]
            await book.share()
            assert (await book.checkpoint()).size == 4  # although the answer was 500
            for _ in range(1):
                with pytest.raises(StoreUnavailable, match="answered 302"):
                    await WebhookSink(url).put(first)
    with pytest.raises(StoreUnavailable, match="webhook failed"):
        await WebhookSink(url).put(first)


def test_a_letter_carries_the_note_whole(signer: SigningKeyFile) -> None:
    note = signer.sign(3, root_at(3), [])
    text = letter(read_checkpoint(note)[0], signer.key)
    assert text.startswith("Subject: Checkpoint of market.example/ai-gateway/sharelog/2026: 3 entries\n\n")
    assert text.split("-----8<-----\n")[1] == note
    assert signer.key in text


def test_an_empty_log_is_signed_from_the_beginning(signer: SigningKeyFile) -> None:
    assert signer.last() == Checkpoint(signer.origin, 0, root_at(0), signer.last().note)


# --- a signer that forgot ---


async def test_a_signing_folder_put_back_to_an_older_state_goes_on_from_its_own_newer_note(
    book: Book, tmp_path: Path
) -> None:
    note = tmp_path / "signing" / "checkpoint-2026.note"
    await book.share()
    await book.publisher.publish()
    older = note.read_bytes()
    await book.share()
    newest_one = await book.checkpoint()
    note.write_bytes(older)
    await book.share()
    assert (await book.checkpoint()).size == newest_one.size + 2


async def test_a_restored_folder_does_not_let_a_rewritten_log_be_signed(book: Book, tmp_path: Path) -> None:
    note = tmp_path / "signing" / "checkpoint-2026.note"
    await book.share()
    await book.publisher.publish()
    older = note.read_bytes()
    await book.share()
    await book.publisher.publish()
    note.write_bytes(older)
    await book.database.write(lambda c: c.execute(text("DROP TRIGGER leaf_never_changes")))
    await book.database.write(lambda c: c.execute(text("UPDATE leaf SET leaf_hash = zeroblob(32) WHERE idx = 3")))
    await book.share()
    with pytest.raises(LogInconsistent):
        await book.publisher.publish()


async def test_a_new_key_signs_no_log_that_another_one_signed(book: Book, tmp_path: Path) -> None:
    await book.share()
    await book.publisher.publish()
    stranger = create_signing_key(tmp_path / "elsewhere", "market.example", 2026)
    with pytest.raises(CheckpointRefused, match="another key"):
        await publisher_of(book, stranger).publish()
    assert (await book.checkpoint()).size == 2


async def test_a_lost_key_is_followed_by_one_that_begins_with_its_newest_checkpoint(book: Book, tmp_path: Path) -> None:
    await book.share()
    last = await book.checkpoint()
    following = create_signing_key(tmp_path / "elsewhere", "market.example", 2026, last)
    await book.share()
    note = await publisher_of(book, following).publish()
    assert open_checkpoint(note, parse_key(following.key)).size == 4
    with pytest.raises(Broken):
        open_checkpoint(note, parse_key(book.signer.key))
    both = [parse_key(book.signer.key), parse_key(following.key)]
    assert [open_any(one, both).size for one in (last.note, note)] == [2, 4]


def publisher_of(book: Book, signer: SigningKeyFile) -> Publisher:
    return Publisher(book.tree, signer, coordination=MemoryCoordination(), clock=book.parts.clock)
