"""The index of shares: a row is closed once, and changes in no other way."""

from alembic import op

revision = "0006_share_closes_once"
down_revision = "0005_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in _SQLITE_GUARDS if op.get_context().dialect.name == "sqlite" else _POSTGRES_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the share log is never taken down; restore an earlier backup instead")


_CHANGED = (
    "OLD.outcome_idx IS NOT NULL OR NEW.outcome_idx IS NULL OR NEW.outcome_idx <= OLD.opened_idx OR NEW.eid <> OLD.eid "
    "OR NEW.opened_idx <> OLD.opened_idx OR NEW.at <> OLD.at OR NEW.sent <> OLD.sent "
)
_SQLITE_GUARDS = (
    (
        f"CREATE TRIGGER share_closes_once BEFORE UPDATE ON share WHEN {_CHANGED} OR NEW.once IS NOT OLD.once "
        "BEGIN SELECT RAISE(ABORT, 'a share closes once'); END"
    ),
    "CREATE TRIGGER share_never_goes BEFORE DELETE ON share BEGIN SELECT RAISE(ABORT, 'a share never goes'); END",
)
_POSTGRES_GUARDS = (
    (
        "CREATE TRIGGER share_closes_once BEFORE UPDATE ON share FOR EACH ROW "
        f"WHEN ({_CHANGED} OR NEW.once IS DISTINCT FROM OLD.once) EXECUTE FUNCTION refuse_change()"
    ),
    "CREATE TRIGGER share_never_goes BEFORE DELETE ON share FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER shares_never_go BEFORE TRUNCATE ON share FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)
