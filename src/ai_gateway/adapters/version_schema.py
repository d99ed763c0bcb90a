"""The tables of kept policies and prompts: files by content, versions by their list of files, digests by version."""

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text

from ai_gateway.adapters.schema import Long
from ai_gateway.adapters.sql_engine import metadata

_HEX = 64

kept_file = Table(
    "kept_file",
    metadata,
    Column("digest", String(_HEX), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

kept_version = Table(
    "kept_version",
    metadata,
    Column("digest", String(_HEX), primary_key=True),
    Column("folder", String(_HEX), nullable=False),
    Column("at", Long, nullable=False),  # ms since the epoch
    Column("files", Text, nullable=False),  # JSON: path to the file's digest
    Index(None, "at"),
)

kept_digest = Table(
    "kept_digest",
    metadata,
    Column("digest", String(_HEX), primary_key=True),
    Column("version", String(_HEX), nullable=False),
    Column("names", String(200), nullable=False),
)
"""The first version in which a share may name the digest."""
