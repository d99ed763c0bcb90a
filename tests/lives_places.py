"""Where a town's database is, and what can be done to it from outside: copies made and put back, bytes looked at."""

import asyncio
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import asyncpg

_numbers = count()


class Place(Protocol):
    """The database is closed whenever it is copied or put back. ``erased_at_once``: whether an erasure alone leaves no
    byte, or it takes a rotation and a purge that rewrites (``docs/erasure.md``)."""

    @property
    def url(self) -> str: ...

    @property
    def erased_at_once(self) -> bool: ...

    def back_up(self) -> None: ...

    def restore(self) -> None: ...

    def drop_backup(self) -> None: ...

    def files(self) -> Iterator[Path]:
        """Everything the database writes, its logs and temporary files included; not the backup."""
        ...

    def close(self) -> None: ...


@dataclass
class SqlitePlace:
    folder: Path
    erased_at_once: bool = True

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'data' / 'gateway.db'}"

    def back_up(self) -> None:
        self.drop_backup()
        shutil.copytree(self.folder / "data", self.folder / "backup")

    def restore(self) -> None:
        shutil.rmtree(self.folder / "data")
        shutil.copytree(self.folder / "backup", self.folder / "data")

    def drop_backup(self) -> None:
        shutil.rmtree(self.folder / "backup", ignore_errors=True)

    def files(self) -> Iterator[Path]:
        return (path for path in (self.folder / "data").rglob("*") if path.is_file())

    def close(self) -> None: ...


class PostgresPlace:
    """A database of its own on a running server, and a copy of it there as the backup."""

    erased_at_once = False

    def __init__(self, server: str) -> None:
        self._server = server
        self._name = f"lives_{os.getpid()}_{next(_numbers)}"
        parts = urlsplit(server)
        self.url = parts._replace(path=f"/{self._name}").geturl()
        self._data = Path(parse_qs(parts.query)["host"][0])
        self._run(f"CREATE DATABASE {self._name}")

    def back_up(self) -> None:
        self.drop_backup()
        self._copy(self._name, f"{self._name}_backup")

    def restore(self) -> None:
        self._run(f"DROP DATABASE {self._name} WITH (FORCE)")
        self._copy(f"{self._name}_backup", self._name)

    def drop_backup(self) -> None:
        self._run(f"DROP DATABASE IF EXISTS {self._name}_backup WITH (FORCE)")

    def files(self) -> Iterator[Path]:
        number = self._run(f"SELECT oid FROM pg_database WHERE datname = '{self._name}'")  # noqa: S608  (ours)
        for folder in (f"base/{number}", "base/pgsql_tmp", "pg_wal", "pg_xact", "log"):
            whole = self._data / folder
            yield from [path for path in whole.rglob("*") if path.is_file()] if whole.is_dir() else [whole]

    def close(self) -> None:
        self.drop_backup()
        self._run(f"DROP DATABASE {self._name} WITH (FORCE)")

    def _copy(self, from_: str, to: str) -> None:
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{from_}'"  # noqa: S608  (ours)
        self._run(end)  # of a process that was killed a moment ago
        self._run(f"CREATE DATABASE {to} TEMPLATE {from_}")

    def _run(self, statement: str) -> object:
        async def run() -> object:
            connection = await asyncpg.connect(self._server)
            try:
                return await connection.fetchval(statement)
            finally:
                await connection.close()

        return asyncio.run(run())


def found(needles: Iterable[bytes], files: Iterable[Path]) -> list[str]:
    """Names of the files in which any of these bytes are."""
    wanted = list(needles)
    places: list[str] = []
    for path in files if wanted else ():
        try:
            data = path.read_bytes()
        except OSError:  # it went meanwhile
            continue
        if any(needle in data for needle in wanted):
            places.append(path.name)
    return places
