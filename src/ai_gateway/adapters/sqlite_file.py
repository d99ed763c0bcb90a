"""SQLite's file: how it is made, how connections to it are set, and who empties its write-ahead log.

What is committed is flushed to the write-ahead log, and copied from there to the file later (a *checkpoint*). SQLite
does that within a commit, whenever the log has a thousand pages: under load every sixth group of appends then waits for
two more flushes. Here a thread copies behind the writers, who never wait for it. It changes nothing about what is
durable: a commit returns after its own flush, as before.
"""

import logging
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from ai_gateway.errors import ConfigurationError

_logger = logging.getLogger(__name__)
_BUSY_MS = 5_000
_GROWS_FOR = 0.2  # seconds
_MOST_PAGES = 8_000
"""Then a commit does the copying itself, as SQLite does at 1,000: writers that never pause would else have the log grow
for ever, since only a commit that finds all of it copied begins it anew. 32 MB; nearly all of them are copied by then.
"""
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MS}",  # first: switching to WAL may have to wait for another process
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",  # FAST may leave traces on freelist pages
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    f"PRAGMA wal_autocheckpoint = {_MOST_PAGES}",
)


class LogKeeper:
    """Copies the write-ahead log to the file, soon after it has grown, at most once per ``_GROWS_FOR``."""

    def __init__(self, url: URL) -> None:
        self._path = str(url.database)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-checkpoint")
        self._connection: sqlite3.Connection | None = None
        self._due = False
        self._closing = threading.Event()

    def grown(self) -> None:
        """Something was committed. From the one thread that writes; never raises, for what was committed is so."""
        if not self._due:
            self._due = True
            with suppress(RuntimeError):  # no thread to be had: commits copy, then
                self._thread.submit(self._copy)

    def close(self) -> None:
        """Once nobody writes. What is not copied stays in the log, from which SQLite reads it just as well."""
        self._closing.set()
        self._thread.shutdown(wait=True)
        self._drop()

    def _copy(self) -> None:
        if self._closing.wait(_GROWS_FOR):
            return
        self._due = False  # before copying: what is committed meanwhile is for the next time
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
                for pragma in _PRAGMAS:
                    self._connection.execute(pragma).close()
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            # Nothing is lost: it is all in the log still, and is copied the next time or by a commit.
            _logger.warning("The write-ahead log was not copied (%s)", type(error).__name__)
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def sqlite_engine(url: URL, *, begin: str, connections: int) -> Engine:
    """``begin`` opens every transaction: the driver's own idea of when to begin one would leave reads outside of it."""
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000},
    )

    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  (the driver's connection has no public type)
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    return engine


def make_sqlite_file(url: URL) -> None:
    """Mode 0600, in a folder made with mode 0700 when missing; SQLite gives ``-wal`` and ``-shm`` the file's own
    mode."""
    path = Path(str(url.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise ConfigurationError(f"database file {path}: {error.strerror or 'cannot be opened'}") from None
