"""The registry: data subjects, consent events, API keys. A consent event is written once and never again."""

import sqlalchemy as sa
from alembic import op

revision = "0002_registry"
down_revision = "0001_share_log"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_tables()
    for statement in _SQLITE_GUARDS if op.get_context().dialect.name == "sqlite" else _POSTGRES_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("consent events are never taken down; restore an earlier backup instead")


def _make_tables() -> None:
    op.create_table(
        "subject",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("subject_ref", sa.LargeBinary(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("choices", sa.LargeBinary(), nullable=True),
        sa.Column("erased", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tag", name="pk_subject"),
    )
    op.create_table(
        "consent_event",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.Column("notice_version", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("language", sa.String(64), nullable=False),
        sa.Column("expires_at", LONG, nullable=True),
        sa.PrimaryKeyConstraint("tag", "n", name="pk_consent_event"),
        sa.UniqueConstraint("id", name="uq_consent_event_id"),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("rights", sa.String(200), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("revoked_at", LONG, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )


_SQLITE_GUARDS = (
    (
        "CREATE TRIGGER consent_never_changes BEFORE UPDATE ON consent_event "
        "BEGIN SELECT RAISE(ABORT, 'a consent event never changes'); END"
    ),
    (
        "CREATE TRIGGER consent_never_goes BEFORE DELETE ON consent_event "
        "BEGIN SELECT RAISE(ABORT, 'a consent event never goes'); END"
    ),
)

_POSTGRES_GUARDS = (
    (
        "CREATE TRIGGER consent_never_changes BEFORE UPDATE OR DELETE ON consent_event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    ),
    (
        "CREATE TRIGGER consent_never_goes BEFORE TRUNCATE ON consent_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ),
)
