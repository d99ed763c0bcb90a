"""The share log: tree, segments, people's keys. A leaf is written once and never again."""

import sqlalchemy as sa
from alembic import op

revision = "0001_share_log"
down_revision = None
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_tables()
    op.execute("INSERT INTO tree_state (id, size, frontier) VALUES (1, 0, '')" if _sqlite() else _FIRST_STATE)
    for statement in _SQLITE_GUARDS if _sqlite() else _POSTGRES_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the share log is never taken down; restore an earlier backup instead")


def _sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def _make_tables() -> None:
    op.create_table(
        "leaf",
        sa.Column("idx", LONG, autoincrement=False, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("idx", name="pk_leaf"),
    )
    op.create_table(
        "segment",
        sa.Column("idx", LONG, autoincrement=False, nullable=False),
        sa.Column("n", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("ct", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("idx", "n", name="pk_segment"),
    )
    op.create_table(
        "subject_index",
        sa.Column("subject_ref", sa.LargeBinary(), nullable=False),
        sa.Column("idx", LONG, autoincrement=False, nullable=False),
        sa.Column("n", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject_ref", "idx", "n", name="pk_subject_index"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_subject_index_idx_n", "subject_index", ["idx", "n"])
    op.create_table(
        "subject_map",
        sa.Column("user_id_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("subject_ref", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("user_id_hmac", name="pk_subject_map"),
        sa.UniqueConstraint("subject_ref", name="uq_subject_map_subject_ref"),
    )
    op.create_table(
        "subject_key",
        sa.Column("subject_ref", sa.LargeBinary(), nullable=False),
        sa.Column("kek_epoch", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject_ref", name="pk_subject_key"),
    )
    op.create_table(
        "tree_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", LONG, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tree_state"),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.create_table(
        "share",
        sa.Column("eid", sa.String(64), nullable=False),
        sa.Column("opened_idx", LONG, nullable=False),
        sa.Column("outcome_idx", LONG, nullable=True),
        sa.Column("at", LONG, nullable=False),
        sa.Column("sent", sa.SmallInteger(), nullable=False),
        sa.Column("once", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("eid", name="pk_share"),
        sa.UniqueConstraint("opened_idx", name="uq_share_opened_idx"),
        sa.UniqueConstraint("once", name="uq_share_once"),
    )
    unsettled = sa.text("outcome_idx IS NULL AND sent = 1")
    op.create_index("ix_share_in_doubt", "share", ["at"], sqlite_where=unsettled, postgresql_where=unsettled)


_FIRST_STATE = "INSERT INTO tree_state (id, size, frontier) VALUES (1, 0, ''::bytea)"

_SQLITE_GUARDS = (
    "CREATE TRIGGER leaf_never_changes BEFORE UPDATE ON leaf BEGIN SELECT RAISE(ABORT, 'a leaf never changes'); END",
    "CREATE TRIGGER leaf_never_goes BEFORE DELETE ON leaf BEGIN SELECT RAISE(ABORT, 'a leaf never goes'); END",
    (
        "CREATE TRIGGER tree_never_shrinks BEFORE UPDATE ON tree_state WHEN NEW.size < OLD.size "
        "BEGIN SELECT RAISE(ABORT, 'the tree never shrinks'); END"
    ),
    "CREATE TRIGGER tree_never_goes BEFORE DELETE ON tree_state BEGIN SELECT RAISE(ABORT, 'the tree never goes'); END",
)

_POSTGRES_GUARDS = (
    # Ciphertext does not compress, and moving rows of this size out of line would cost more than the rows.
    "ALTER TABLE segment ALTER COLUMN ct SET STORAGE EXTERNAL",
    "ALTER TABLE segment SET (toast_tuple_target = 8160)",
    "ALTER TABLE leaf SET (toast_tuple_target = 8160)",
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'append only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
    """,
    "CREATE TRIGGER leaf_never_changes BEFORE UPDATE OR DELETE ON leaf FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER leaf_never_goes BEFORE TRUNCATE ON leaf FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    (
        "CREATE TRIGGER tree_never_shrinks BEFORE UPDATE ON tree_state FOR EACH ROW WHEN (NEW.size < OLD.size) "
        "EXECUTE FUNCTION refuse_change()"
    ),
    "CREATE TRIGGER tree_never_goes BEFORE DELETE ON tree_state FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    (
        "CREATE TRIGGER tree_never_emptied BEFORE TRUNCATE ON tree_state "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ),
)
