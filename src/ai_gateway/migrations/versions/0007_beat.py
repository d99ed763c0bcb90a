"""The number that tells a database from an older copy of itself."""

import sqlalchemy as sa
from alembic import op

revision = "0007_beat"
down_revision = "0006_share_closes_once"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "beat",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", LONG, nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_beat"),
        sa.CheckConstraint("id = 1", name="one_beat"),
    )
    op.execute("INSERT INTO beat (id, number, at) VALUES (1, 0, 0)")


def downgrade() -> None:
    raise NotImplementedError("the share log is never taken down; restore an earlier backup instead")
