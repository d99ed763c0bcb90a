"""The tables of what is published of the tree: its inner hashes, and the checkpoints that were signed."""

from sqlalchemy import Column, LargeBinary, SmallInteger, Table, Text

from ai_gateway.adapters.schema import Long
from ai_gateway.adapters.sql_engine import metadata

tile = Table(
    "tile",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", Long, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),  # 32 bytes each, at most 256 of them
)
"""Hashes of perfect subtrees of ``256**level`` leaves (C2SP tlog-tiles). Made from the leaves, and never trusted."""

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", Long, primary_key=True, autoincrement=False),
    Column("at", Long, nullable=False),  # ms since the epoch
    Column("note", Text, nullable=False),
)
