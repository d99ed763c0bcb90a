"""The registry's tables: data subjects, consent events, API keys.

No row names a person in clear: ``tag`` is a keyed hash of the subject's id, and what is known of them is sealed under
their own key, the one the share log uses, so that destroying it makes both unreadable.
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, SmallInteger, String, Table

from ai_gateway.adapters.sql_engine import metadata

_Long = BigInteger().with_variant(Integer, "sqlite")
WORD = 64
"""Longest word (a version, a channel, a state) in a row, in characters."""

subject = Table(
    "subject",
    metadata,
    Column("tag", LargeBinary, primary_key=True),
    Column("subject_ref", LargeBinary, nullable=True),  # whose key opens the row; null once erased
    Column("document", LargeBinary, nullable=True),
    Column("choices", LargeBinary, nullable=True),
    Column("erased", SmallInteger, nullable=False),
)

consent_event = Table(
    "consent_event",
    metadata,
    Column("tag", LargeBinary, primary_key=True),
    # Numbered per person by whoever appends, so that two who append at once cannot both be next. The order of events.
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("id", String(WORD), nullable=False, unique=True),
    Column("purpose", String(WORD), nullable=False),
    Column("state", String(WORD), nullable=False),
    Column("at", _Long, nullable=False),
    Column("notice_version", String(WORD), nullable=False),
    Column("channel", String(WORD), nullable=False),
    Column("language", String(WORD), nullable=False),
    Column("expires_at", _Long, nullable=True),
)
"""Triggers refuse to change or remove a row."""

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(WORD), primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("caller", String(200), nullable=False),
    Column("rights", String(200), nullable=False),  # words with spaces between, sorted
    Column("created_at", _Long, nullable=False),
    Column("revoked_at", _Long, nullable=True),
)
