"""Purging a SQLite file while it is in use."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ai_gateway.adapters import sql_purge
from ai_gateway.adapters.sql_purge import purge_of
from ai_gateway.errors import StoreUnavailable

pytestmark = pytest.mark.anyio


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "log.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE said (text BLOB)")
        connection.executemany("INSERT INTO said VALUES (randomblob(4000))", [()] * 200)
    return path


@contextmanager
def copying(path: Path) -> Iterator[None]:
    """As the thread behind the writers does, and never at rest."""
    over, begun = threading.Event(), threading.Event()

    def copy() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            while not over.is_set():
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                begun.set()

    thread = threading.Thread(target=copy)
    thread.start()
    try:
        assert begun.wait(10)
        yield
    finally:
        over.set()
        thread.join()


async def test_whoever_copies_the_log_is_waited_for(file: Path) -> None:
    with copying(file):
        for _ in range(5):
            assert (await purge_of(f"sqlite:///{file}")())["vacuum"] is True


async def test_a_reader_who_does_not_end_is_told_of(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_purge, "_WAIT_SECONDS", 0.2)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader, closing(sqlite3.connect(file)) as writer:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM said").fetchone()
        writer.execute("DELETE FROM said")
        writer.commit()
        with pytest.raises(StoreUnavailable, match="is reading the database"):
            await purge_of(f"sqlite:///{file}")()
