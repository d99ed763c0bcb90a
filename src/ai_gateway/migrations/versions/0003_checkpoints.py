"""Tiles and checkpoints. A tile only grows; a checkpoint is written once and never again."""

import sqlalchemy as sa
from alembic import op

revision = "0003_checkpoints"
down_revision = "0002_registry"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tile",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", LONG, autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name="pk_tile"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", LONG, autoincrement=False, nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoint"),
    )
    for statement in _SQLITE_GUARDS if op.get_context().dialect.name == "sqlite" else _POSTGRES_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("checkpoints are never taken down; restore an earlier backup instead")


_SQLITE_GUARDS = (
    (
        "CREATE TRIGGER tile_only_grows BEFORE UPDATE ON tile "
        "WHEN substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes "
        "OR NEW.level <> OLD.level OR NEW.number <> OLD.number "
        "BEGIN SELECT RAISE(ABORT, 'a tile only grows'); END"
    ),
    (
        "CREATE TRIGGER checkpoint_never_changes BEFORE UPDATE ON checkpoint "
        "BEGIN SELECT RAISE(ABORT, 'a checkpoint never changes'); END"
    ),
    (
        "CREATE TRIGGER checkpoint_never_goes BEFORE DELETE ON checkpoint "
        "BEGIN SELECT RAISE(ABORT, 'a checkpoint never goes'); END"
    ),
)

_POSTGRES_GUARDS = (
    "ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL",  # hashes do not compress
    (
        "CREATE TRIGGER tile_only_grows BEFORE UPDATE ON tile FOR EACH ROW "
        "WHEN (substring(NEW.hashes FROM 1 FOR octet_length(OLD.hashes)) <> OLD.hashes "
        "OR NEW.level <> OLD.level OR NEW.number <> OLD.number) EXECUTE FUNCTION refuse_change()"
    ),
    (
        "CREATE TRIGGER checkpoint_never_changes BEFORE UPDATE OR DELETE ON checkpoint "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    ),
    (
        "CREATE TRIGGER checkpoint_never_goes BEFORE TRUNCATE ON checkpoint "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ),
)
