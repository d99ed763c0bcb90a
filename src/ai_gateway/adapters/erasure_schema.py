"""The tables of key epochs, erasures, vendor directives and legal holds; and where the entries are that are no shares.

No row names a person: ``mark`` is the keyed hash that finds their key, ``tag`` the one that finds their registry row.
"""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from ai_gateway.adapters.schema import Long
from ai_gateway.adapters.sql_engine import metadata

_ID = 64

record = Table(
    "record",
    metadata,
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("eid", String(_ID), nullable=False, unique=True),
    Column("kind", String(_ID), nullable=False),
    Column("at", Long, nullable=False),
    Index(None, "kind", "at"),
)
"""Entries that are no shares. Like ``share`` it only repeats what the leaves say."""

key_state = Table(
    "key_state",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
)
"""The oldest epoch that a person's key may still be wrapped under. Triggers hold ``subject_key`` to it."""

suppression = Table(
    "suppression",
    metadata,
    Column("mark", LargeBinary, primary_key=True),
    Column("subject_ref", LargeBinary, nullable=True),  # null once no process can hold the key any more
    Column("shredded", SmallInteger, nullable=False),
    Column("at", Long, nullable=False),
)
"""Who is being erased, or was: nothing is recorded about them any more."""

erasure = Table(
    "erasure",
    metadata,
    Column("id", String(_ID), primary_key=True),
    Column("mark", LargeBinary, nullable=False, unique=True),
    Column("tag", LargeBinary, nullable=False),
    Column("subject_ref", LargeBinary, nullable=True),  # null once shredded
    Column("step", String(_ID), nullable=False),
    Column("requested_at", Long, nullable=False),
    Column("changed_at", Long, nullable=False),
    Column("verified", String(_ID), nullable=False),
    Column("basis", String(_ID), nullable=False),
    Column("facts", Text, nullable=False),  # JSON: counts, entries, epochs; the certificate is made of it
)

vendor_directive = Table(
    "vendor_directive",
    metadata,
    Column("id", String(_ID), primary_key=True),
    Column("erasure_id", String(_ID), nullable=False, index=True),
    Column("vendor", String(_ID), nullable=False),
    Column("share", String(_ID), nullable=False),
    Column("object_kind", String(_ID), nullable=False),
    Column("object_id_ct", LargeBinary, nullable=True),  # null where there is none, and once the directive is closed
    Column("state", String(_ID), nullable=False),
    Column("shared_at", Long, nullable=False),
    Column("due", Long, nullable=False),
    Column("changed_at", Long, nullable=False),
    Index(None, "state", "due"),
)

legal_hold = Table(
    "legal_hold",
    metadata,
    Column("id", String(_ID), primary_key=True),
    Column("mark", LargeBinary, nullable=False, index=True),
    Column("reason", String(_ID), nullable=False),
    Column("authority", String(200), nullable=False),
    Column("placed_at", Long, nullable=False),
    Column("lifted_at", Long, nullable=True),
)
