"""Kept versions of policies and prompts in SQL."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from ai_gateway.adapters.sql_engine import Database
from ai_gateway.adapters.sql_ledger import append_one, lock_tree
from ai_gateway.adapters.version_schema import kept_digest, kept_file, kept_version
from ai_gateway.model.entries import Entry
from ai_gateway.sharelog.versions import Folder, FolderVersion, KeptVersion, ListedVersion

_AT_MOST = 10


class SqlVersionStore:
    """``sharelog.versions.VersionStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, version: FolderVersion, at: int, entry: Entry) -> bool:
        digest, hashes = version.digest, version.hashes()

        def missing(connection: Connection) -> bool:
            known = select(kept_version.c.digest).where(kept_version.c.digest == digest)
            named = select(kept_digest.c.digest).where(kept_digest.c.digest.in_(list(version.names)))
            fewer = len(connection.execute(named).all()) < len(version.names)
            return fewer or connection.execute(known).first() is None

        def work(connection: Connection) -> bool:
            lock_tree(connection)  # of several replicas that start at once, one writes the entry
            for path, hashed in hashes.items():
                _put_new(connection, kept_file, {"digest": hashed, "content": version.files[path]})
            row = {"digest": digest, "folder": version.folder.value, "at": at, "files": json.dumps(hashes)}
            new = _put_new(connection, kept_version, row)
            for named, of in version.names.items():
                _put_new(connection, kept_digest, {"digest": named, "version": digest, "names": of})
            if new:
                append_one(connection, entry)
            return new

        return await self._database.write(work) if await self._database.read(missing) else False

    async def find(self, digest: str) -> Sequence[KeptVersion]:
        def work(connection: Connection) -> Sequence[KeptVersion]:
            whole = select(kept_version.c.digest).where(kept_version.c.digest.startswith(digest, autoescape=True))
            named = select(kept_digest).where(kept_digest.c.digest.startswith(digest, autoescape=True))
            found = {row.digest: "the whole folder" for row in connection.execute(whole.limit(_AT_MOST))}
            found |= {row.version: row.names for row in connection.execute(named.limit(_AT_MOST))}
            return [_version(connection, version, of) for version, of in found.items()]

        return await self._database.read(work)

    async def listed(self, limit: int) -> Sequence[ListedVersion]:
        query = select(kept_version).order_by(kept_version.c.at.desc(), kept_version.c.digest).limit(limit)

        def work(connection: Connection) -> Sequence[ListedVersion]:
            return [
                ListedVersion(digest=row.digest, folder=Folder(row.folder), at=row.at, files=len(json.loads(row.files)))
                for row in connection.execute(query)
            ]

        return await self._database.read(work)


def _version(connection: Connection, digest: str, of: str) -> KeptVersion:
    row = connection.execute(select(kept_version).where(kept_version.c.digest == digest)).one()
    hashes: Mapping[str, str] = json.loads(row.files)
    query = select(kept_file).where(kept_file.c.digest.in_(list(set(hashes.values()))))
    contents = {file.digest: bytes(file.content) for file in connection.execute(query)}
    files = {path: contents[hashed] for path, hashed in hashes.items()}
    return KeptVersion(digest=digest, folder=Folder(row.folder), at=row.at, of=of, files=files)


def _put_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return bool(connection.execute(insert(table).on_conflict_do_nothing(), row).rowcount)
