"""The share log's tables.

No personal text is in a leaf, and none is readable in a segment without the keys of everybody it belongs to.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, SmallInteger, String, Table

from ai_gateway.adapters.sql_engine import metadata

Long = BigInteger().with_variant(Integer, "sqlite")

leaf = Table(
    "leaf",
    metadata,
    # Assigned by the appender from tree_state: a sequence would leave gaps when a transaction rolls back.
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("data", LargeBinary, nullable=True),  # null once its retention has passed; the hash stays
)

segment = Table(
    "segment",
    metadata,
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("n", SmallInteger, primary_key=True, autoincrement=False),
    Column("ct", LargeBinary, nullable=False),
)

subject_index = Table(
    "subject_index",
    metadata,
    Column("subject_ref", LargeBinary, primary_key=True),
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("n", SmallInteger, primary_key=True, autoincrement=False),
    Index(None, "idx", "n"),
    sqlite_with_rowid=False,
)
"""Whose segment it is. Made for speed and never trusted: the leaves' blinded tags say the same to whoever holds the
key."""

subject_map = Table(
    "subject_map",
    metadata,
    Column("user_id_hmac", LargeBinary, primary_key=True),
    Column("subject_ref", LargeBinary, nullable=False, unique=True),
)

subject_key = Table(
    "subject_key",
    metadata,
    Column("subject_ref", LargeBinary, primary_key=True),
    Column("kek_epoch", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

tree_state = Table(
    "tree_state",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("size", Long, nullable=False),
    Column("frontier", LargeBinary, nullable=False),  # 32 bytes per set bit of size
    Column("fence", Long, nullable=False),  # counts the changes of ``suppression``
)

share = Table(
    "share",
    metadata,
    Column("eid", String(64), primary_key=True),
    Column("opened_idx", Long, nullable=False, unique=True),
    Column("outcome_idx", Long, nullable=True),
    Column("at", Long, nullable=False),  # ms since the epoch, as in the leaf
    Column("sent", SmallInteger, nullable=False),  # 0 for a denied share, 1 for one that may have been sent
    Column("once", LargeBinary, nullable=True, unique=True),
)
"""Where each share's entries are; like ``subject_index`` it only repeats what the leaves say, apart from ``once``."""

_open = share.c.outcome_idx.is_(None) & (share.c.sent == 1)
Index("ix_share_in_doubt", share.c.at, sqlite_where=_open, postgresql_where=_open)
