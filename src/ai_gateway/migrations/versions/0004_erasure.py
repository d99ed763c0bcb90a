"""Key epochs, erasures, directives, holds and records; a leaf may lose its data, and nothing else of it may change."""

import sqlalchemy as sa
from alembic import op

revision = "0004_erasure"
down_revision = "0003_checkpoints"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_tables()
    op.add_column("tree_state", sa.Column("fence", LONG, nullable=False, server_default="0"))
    op.execute("INSERT INTO key_state (id, epoch) VALUES (1, 1)")
    for statement in _SQLITE_GUARDS if op.get_context().dialect.name == "sqlite" else _POSTGRES_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("an erasure is not taken back; restore an earlier backup and replay tombstones instead")


def _make_tables() -> None:
    op.create_table(
        "record",
        sa.Column("idx", LONG, autoincrement=False, nullable=False),
        sa.Column("eid", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.PrimaryKeyConstraint("idx", name="pk_record"),
        sa.UniqueConstraint("eid", name="uq_record_eid"),
    )
    op.create_index("ix_record_kind_at", "record", ["kind", "at"])
    op.create_table(
        "key_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_key_state"),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.create_table(
        "suppression",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("subject_ref", sa.LargeBinary(), nullable=True),
        sa.Column("shredded", sa.SmallInteger(), nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_suppression"),
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("subject_ref", sa.LargeBinary(), nullable=True),
        sa.Column("step", sa.String(64), nullable=False),
        sa.Column("requested_at", LONG, nullable=False),
        sa.Column("changed_at", LONG, nullable=False),
        sa.Column("verified", sa.String(64), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
        sa.UniqueConstraint("mark", name="uq_erasure_mark"),
    )
    op.create_table(
        "vendor_directive",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("erasure_id", sa.String(64), nullable=False),
        sa.Column("vendor", sa.String(64), nullable=False),
        sa.Column("share", sa.String(64), nullable=False),
        sa.Column("object_kind", sa.String(64), nullable=False),
        sa.Column("object_id_ct", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("shared_at", LONG, nullable=False),
        sa.Column("due", LONG, nullable=False),
        sa.Column("changed_at", LONG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vendor_directive"),
    )
    op.create_index("ix_vendor_directive_erasure_id", "vendor_directive", ["erasure_id"])
    op.create_index("ix_vendor_directive_state_due", "vendor_directive", ["state", "due"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("authority", sa.String(200), nullable=False),
        sa.Column("placed_at", LONG, nullable=False),
        sa.Column("lifted_at", LONG, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_legal_hold"),
    )
    op.create_index("ix_legal_hold_mark", "legal_hold", ["mark"])


_KEY_PASSED = "this key epoch has passed"
_CHANGED = "NEW.data IS NOT NULL OR NEW.idx <> OLD.idx OR NEW.leaf_hash <> OLD.leaf_hash"

_SQLITE_GUARDS = (
    "DROP TRIGGER leaf_never_changes",
    (
        f"CREATE TRIGGER leaf_never_changes BEFORE UPDATE ON leaf WHEN {_CHANGED} "
        "BEGIN SELECT RAISE(ABORT, 'a leaf never changes'); END"
    ),
    (
        "CREATE TRIGGER segment_never_changes BEFORE UPDATE ON segment "
        "BEGIN SELECT RAISE(ABORT, 'a segment never changes'); END"
    ),
    *(
        f"CREATE TRIGGER key_of_a_standing_epoch_{verb.lower()} BEFORE {verb} ON subject_key "  # noqa: S608  (ours)
        "WHEN NEW.kek_epoch < (SELECT epoch FROM key_state WHERE id = 1) "
        f"BEGIN SELECT RAISE(ABORT, '{_KEY_PASSED}'); END"
        for verb in ("INSERT", "UPDATE")
    ),
    (
        "CREATE TRIGGER nobody_suppressed_is_mapped BEFORE INSERT ON subject_map "
        "WHEN EXISTS (SELECT 1 FROM suppression WHERE mark = NEW.user_id_hmac) BEGIN SELECT RAISE(IGNORE); END"
    ),
    (
        "CREATE TRIGGER epochs_never_return BEFORE UPDATE ON key_state WHEN NEW.epoch < OLD.epoch "
        "BEGIN SELECT RAISE(ABORT, 'an epoch never returns'); END"
    ),
)

_POSTGRES_GUARDS = (
    "DROP TRIGGER leaf_never_changes ON leaf",
    f"""
    CREATE TRIGGER leaf_never_changes BEFORE UPDATE ON leaf FOR EACH ROW WHEN ({_CHANGED})
    EXECUTE FUNCTION refuse_change()
    """,
    "CREATE TRIGGER leaf_is_never_deleted BEFORE DELETE ON leaf FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER segment_never_changes BEFORE UPDATE ON segment FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    # A share lock on the one row: whoever raises the epoch, or suppresses somebody, waits for keys that are being
    # added, and keys that come later see what was raised. It is the owner's lock: the application's role needs none.
    f"""
    CREATE FUNCTION hold_keys_to_epoch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT AS $$
    BEGIN
      IF NEW.kek_epoch < (SELECT epoch FROM key_state WHERE id = 1 FOR SHARE) THEN
        RAISE EXCEPTION '{_KEY_PASSED}' USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END $$
    """,  # noqa: S608  (ours)
    """
    CREATE TRIGGER key_of_a_standing_epoch BEFORE INSERT OR UPDATE ON subject_key
    FOR EACH ROW EXECUTE FUNCTION hold_keys_to_epoch()
    """,
    """
    CREATE FUNCTION leave_out_suppressed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT AS $$
    BEGIN
      PERFORM epoch FROM key_state WHERE id = 1 FOR SHARE;
      IF EXISTS (SELECT 1 FROM suppression WHERE mark = NEW.user_id_hmac) THEN
        RETURN NULL;
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER nobody_suppressed_is_mapped BEFORE INSERT ON subject_map
    FOR EACH ROW EXECUTE FUNCTION leave_out_suppressed()
    """,
    """
    CREATE TRIGGER epochs_never_return BEFORE UPDATE ON key_state FOR EACH ROW WHEN (NEW.epoch < OLD.epoch)
    EXECUTE FUNCTION refuse_change()
    """,
)
