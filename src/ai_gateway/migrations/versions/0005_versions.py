"""Kept versions of policies and prompts: written once and never again."""

import sqlalchemy as sa
from alembic import op

revision = "0005_versions"
down_revision = "0004_erasure"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = ("kept_file", "kept_version", "kept_digest")


def upgrade() -> None:
    op.create_table(
        "kept_file",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_kept_file"),
    )
    op.create_table(
        "kept_version",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("folder", sa.String(64), nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_kept_version"),
    )
    op.create_index("ix_kept_version_at", "kept_version", ["at"])
    op.create_table(
        "kept_digest",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("names", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_kept_digest"),
    )
    sqlite = op.get_context().dialect.name == "sqlite"
    for table in _TABLES:
        for statement in _sqlite_guards(table) if sqlite else _postgres_guards(table):
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("shares name what is kept here; restore an earlier backup instead")


def _sqlite_guards(table: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table}_is_not_{verb.lower()}d BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'what is kept never changes'); END"
        for verb in ("UPDATE", "DELETE")
    )


def _postgres_guards(table: str) -> tuple[str, ...]:
    return (
        (
            f"CREATE TRIGGER {table}_never_changes BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        ),
        (
            f"CREATE TRIGGER {table}_never_goes BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        ),
    )
