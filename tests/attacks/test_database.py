# ruff: noqa: S608 - an attacker writes statements as they please
"""Somebody with full write access to the database changes the past, and an outsider holds an older checkpoint.

The attacker drops the triggers first and, where it helps, makes everything that the database says of itself fit again:
recorded hashes, the tree's state, tiles, index. What they do not have is the signing key, and what others keep.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection, text

from ai_gateway.errors import CheckpointRefused, LogInconsistent
from ai_gateway.sharelog.bundle import audit_live
from ai_gateway.sharelog.fsck import Checked, fsck
from ai_gateway.sharelog.merkle import extend
from ai_gateway.verifier import Audit, Broken, Checkpoint, check_export, leaf_hash, remembering, report
from log_books import Book, log_book

pytestmark = pytest.mark.anyio

SHARES = 6
Attack = Callable[[Connection], None]


@pytest.fixture
async def book(database_url: str, tmp_path: Path) -> AsyncIterator[Book]:
    async with log_book(database_url, tmp_path) as book:
        yield book


async def filled(book: Book, folder: Path) -> tuple[Checkpoint, Path]:
    """Six shares, twelve entries; what an outsider keeps of them: checkpoint and memory. Then two shares more."""
    await book.share(SHARES)
    held = await book.checkpoint()
    memory = folder / "memory"
    assert not (await audited(book, held, memory)).findings
    await book.share(2)
    return held, memory


async def audited(book: Book, held: Checkpoint | None, memory: Path | None = None) -> Audit:
    with suppress(_NotRemembered), remembering(memory) as (remembered, note_hash):
        audit = Audit([book.signer.verifier], held=[held] if held else [], memory=remembered, note_hash=note_hash)
        await audit_live(book.tree, audit, ciphertexts=True, told=lambda _size: None)
        if audit.findings:
            raise _NotRemembered
    return audit


class _NotRemembered(Exception):
    pass


async def check(book: Book) -> Checked:
    return await fsck(book.tree, told=lambda _size: None)


async def attack(book: Book, work: Attack) -> None:
    def attacked(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        work(connection)

    await book.database.write(attacked)


def write(connection: Connection, statement: str, **values: object) -> None:
    connection.execute(text(statement), values)


def make_fit(connection: Connection) -> None:
    """Everything derived is made again from the leaves as they are now."""
    rows = connection.execute(text("SELECT idx, leaf_hash FROM leaf ORDER BY idx")).all()
    size, frontier = extend(0, b"", [bytes(row.leaf_hash) for row in rows])
    write(connection, "UPDATE tree_state SET size = :s, frontier = :f", s=size, f=frontier)
    write(connection, "DELETE FROM tile")


def edited(data: bytes) -> bytes:
    assert b'"vendor":"openai"' in data
    return data.replace(b'"vendor":"openai"', b'"vendor":"closed"')


def edit(index: int, *, fitting: bool) -> Attack:
    def work(connection: Connection) -> None:
        data = edited(
            bytes(connection.execute(text("SELECT data FROM leaf WHERE idx = :i"), {"i": index}).scalar_one())
        )
        write(connection, "UPDATE leaf SET data = :d WHERE idx = :i", d=data, i=index)
        if fitting:
            write(connection, "UPDATE leaf SET leaf_hash = :h WHERE idx = :i", h=leaf_hash(data), i=index)
            make_fit(connection)

    return work


def swap(one: int, other: int) -> Attack:
    """Two entries change places, with all that belongs to them."""

    def work(connection: Connection) -> None:
        for table in ("leaf", "segment", "subject_index"):
            for old, new in ((one, -1), (other, one), (-1, other)):
                write(connection, f"UPDATE {table} SET idx = :n WHERE idx = :o", n=new, o=old)
        for column in ("opened_idx", "outcome_idx"):
            for old, new in ((one, -1), (other, one), (-1, other)):
                write(connection, f"UPDATE share SET {column} = :n WHERE {column} = :o", n=new, o=old)
        make_fit(connection)

    return work


def delete(index: int, *, fitting: bool) -> Attack:
    def work(connection: Connection) -> None:
        for table in ("leaf", "segment", "subject_index"):
            write(connection, f"DELETE FROM {table} WHERE idx = :i", i=index)
        if fitting:
            last = connection.execute(text("SELECT max(idx) FROM leaf")).scalar_one()
            for at in range(index + 1, last + 1):
                for table in ("leaf", "segment", "subject_index"):
                    write(connection, f"UPDATE {table} SET idx = idx - 1 WHERE idx = :i", i=at)
            make_fit(connection)

    return work


def truncate(size: int) -> Attack:
    def work(connection: Connection) -> None:
        for table in ("leaf", "segment", "subject_index"):
            write(connection, f"DELETE FROM {table} WHERE idx >= :s", s=size)
        write(connection, "DELETE FROM share WHERE opened_idx >= :s", s=size)
        write(connection, "DELETE FROM checkpoint WHERE size > :s", s=size)
        make_fit(connection)

    return work


def no_checkpoints(connection: Connection) -> None:
    write(connection, "DELETE FROM checkpoint")


def named(audit: Audit) -> str:
    return report(audit, signed=True)[0]


async def test_an_edited_entry_is_named(book: Book, tmp_path: Path) -> None:
    held, _ = await filled(book, tmp_path)
    await attack(book, edit(4, fitting=False))
    audit = await audited(book, held)
    assert audit.findings[0].entry == 4
    assert "it was changed" in audit.findings[0].text
    assert {fault.entry for fault in (await check(book)).faults} == {4}


async def test_an_edit_made_to_fit_contradicts_the_checkpoint_and_is_named_by_memory(
    book: Book, tmp_path: Path
) -> None:
    held, memory = await filled(book, tmp_path)
    await attack(book, edit(4, fitting=True))
    await attack(book, no_checkpoints)
    by_checkpoint = await audited(book, held)
    assert [one.entry for one in by_checkpoint.findings] == [0]
    assert "the checkpoint you hold of 12 entries has another root" in by_checkpoint.findings[0].text
    by_memory = await audited(book, held, memory)
    assert 4 in {one.entry for one in by_memory.findings}
    assert not (await check(book)).faults, "the database itself is in order: only what others hold tells"


async def test_an_edit_made_to_fit_is_narrowed_down_by_the_logs_own_checkpoints(book: Book, tmp_path: Path) -> None:
    for _ in range(SHARES):
        await book.share()
        await book.checkpoint()
    await attack(book, edit(4, fitting=True))
    audit = await audited(book, None)
    assert [one.entry for one in audit.findings] == [4]
    assert audit.findings[0].text.startswith("it or one of those up to 5 was changed")
    fault = (await check(book)).faults[0]
    assert (fault.entry, fault.what) == (5, "the checkpoint of 6 entries has another root")


@pytest.mark.parametrize("fitting", ["as it is", "made to fit"])
async def test_a_deleted_entry_is_named(book: Book, tmp_path: Path, fitting: str) -> None:
    held, memory = await filled(book, tmp_path)
    await attack(book, delete(6, fitting=fitting == "made to fit"))
    assert named(await audited(book, held, memory)) == "DOES NOT HOLD, from entry 6 on"
    assert (await audited(book, held)).findings
    assert (await check(book)).faults


async def test_two_entries_that_changed_places_are_caught(book: Book, tmp_path: Path) -> None:
    held, memory = await filled(book, tmp_path)
    await attack(book, swap(2, 8))
    assert (await audited(book, held)).findings
    assert {2, 8} <= {one.entry for one in (await audited(book, None, memory)).findings}


async def test_a_truncated_log_is_caught(book: Book, tmp_path: Path) -> None:
    held, memory = await filled(book, tmp_path)
    await attack(book, truncate(10))
    audit = await audited(book, held)
    assert [(one.entry, "are gone" in one.text) for one in audit.findings] == [(10, True)]
    assert {one.entry for one in (await audited(book, None, memory)).findings} == {10}
    with pytest.raises(LogInconsistent, match="entries are gone"):
        await book.publisher.publish()


async def test_swapped_ciphertexts_are_caught(book: Book, tmp_path: Path) -> None:
    held, _ = await filled(book, tmp_path)

    def work(connection: Connection) -> None:
        rows = connection.execute(text("SELECT idx, ct FROM segment WHERE n = 0 AND idx IN (2, 6)")).all()
        ciphertexts = {row.idx: bytes(row.ct) for row in rows}
        write(connection, "UPDATE segment SET ct = :c WHERE idx = 2 AND n = 0", c=ciphertexts[6])
        write(connection, "UPDATE segment SET ct = :c WHERE idx = 6 AND n = 0", c=ciphertexts[2])

    await attack(book, work)
    found = (await audited(book, held)).findings
    assert [one.entry for one in found] == [2, 6]
    assert all("swapped or changed" in one.text for one in found)


async def test_a_ciphertext_that_nobody_recorded_is_caught(book: Book, tmp_path: Path) -> None:
    held, _ = await filled(book, tmp_path)
    await attack(book, lambda c: write(c, "INSERT INTO segment (idx, n, ct) VALUES (3, 9, :c)", c=b"planted"))
    assert [one.entry for one in (await audited(book, held)).findings] == [3]


async def test_an_index_that_hides_a_share_is_found_by_fsck(book: Book, tmp_path: Path) -> None:
    await filled(book, tmp_path)
    await attack(book, lambda c: write(c, "DELETE FROM share WHERE opened_idx = 4"))
    assert 4 in {fault.entry for fault in (await check(book)).faults}


async def test_what_was_rewritten_is_not_signed(book: Book, tmp_path: Path) -> None:
    await filled(book, tmp_path)
    await attack(book, edit(4, fitting=True))
    with pytest.raises((LogInconsistent, CheckpointRefused)):
        await book.publisher.publish()


async def test_an_export_of_a_rewritten_log_does_not_hold(book: Book, tmp_path: Path) -> None:
    _, _ = await filled(book, tmp_path)
    old = tmp_path / "old.note"
    old.write_text((await book.checkpoint()).note)
    await book.share()
    folder = await book.export(tmp_path / "export")
    check_export(folder, [book.signer.verifier], [old])
    page = next((folder / "leaves").iterdir())
    lines = page.read_bytes().split(b"\n")
    lines[4] = edited(lines[4])
    page.write_bytes(b"\n".join(lines))
    with pytest.raises(Broken, match=r"DOES NOT HOLD, from entry 0 on"):
        check_export(folder, [book.signer.verifier], [old])


async def test_the_triggers_refuse_what_the_attacker_had_to_drop_them_for(book: Book) -> None:
    await book.share(2)
    await book.checkpoint()
    for statement in (
        "UPDATE leaf SET data = 'x' WHERE idx = 0",
        "DELETE FROM leaf WHERE idx = 0",
        "UPDATE tree_state SET size = 0",
        "UPDATE checkpoint SET note = ''",
        "DELETE FROM checkpoint",
        "UPDATE segment SET ct = 'x'",
    ):
        with pytest.raises(Exception, match="database failed"):
            await book.database.write(lambda c, s=statement: c.execute(text(s)))  # type: ignore[misc]


async def test_a_sqlite_file_swapped_for_an_older_copy_is_caught(sqlite_url: str, tmp_path: Path) -> None:
    file = Path(urlsplit(sqlite_url).path)
    older = tmp_path / "older"
    async with log_book(sqlite_url, tmp_path) as book:
        await book.share(3)
        await book.checkpoint()
    shutil.copytree(file.parent, older)
    async with log_book(sqlite_url, tmp_path) as book:
        await book.share(3)
        held = await book.checkpoint()
    shutil.rmtree(file.parent)
    shutil.copytree(older, file.parent)
    async with log_book(sqlite_url, tmp_path) as book:
        assert [(one.entry, "are gone" in one.text) for one in (await audited(book, held)).findings] == [(6, True)]
        with pytest.raises(LogInconsistent, match="entries are gone"):
            await book.publisher.publish()
        await book.share(4)  # as if nothing had happened
        found = (await audited(book, held)).findings
        assert [one.entry for one in found] == [6], "the log's own checkpoint of 6 still holds"
        with pytest.raises(LogInconsistent):
            await book.publisher.publish()


async def test_a_sqlite_file_swapped_for_another_log_is_caught(sqlite_url: str, tmp_path: Path) -> None:
    file = Path(urlsplit(sqlite_url).path)
    async with log_book(sqlite_url, tmp_path) as book:
        await book.share(3)
        held = await book.checkpoint()
    shutil.rmtree(file.parent)
    async with log_book(sqlite_url, tmp_path) as book:
        await book.share(3)
        assert [one.entry for one in (await audited(book, held)).findings] == [0]
        with pytest.raises(LogInconsistent):
            await book.publisher.publish()
