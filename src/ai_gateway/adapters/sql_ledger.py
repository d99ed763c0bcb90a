"""Appending entries inside a transaction that does something else besides: rare work, so plain SQLAlchemy Core."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from ai_gateway.adapters.erasure_schema import record, suppression
from ai_gateway.adapters.schema import leaf, segment, share, subject_index, tree_state
from ai_gateway.adapters.share_rows import Fence, KnownShare, arrange, fence_of, questions
from ai_gateway.errors import StoreUnavailable
from ai_gateway.model.entries import Appended, Entry, Placed, TreeState


def lock_tree(connection: Connection) -> TreeState:
    """Whoever holds this lock is alone in writing the log; take it before reading what is to be decided by."""
    row = connection.execute(select(tree_state.c.size, tree_state.c.frontier).with_for_update()).one()
    return TreeState(row.size, row.frontier)


def append_within(connection: Connection, entries: Sequence[Entry]) -> Sequence[Appended]:
    """As ``ShareStore.append``, as part of this transaction."""
    tree = lock_tree(connection)
    batch = arrange(entries, tree, _known(connection, entries), _fence(connection))
    for table, rows in (
        (leaf, batch.leaves),
        (segment, batch.segments),
        (subject_index, batch.owners),
        (share, batch.openings),
        (record, batch.records),
    ):
        if rows:
            names = [column.name for column in table.columns]
            connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    for index, closed in batch.closings:
        connection.execute(update(share).where(share.c.eid == closed).values(outcome_idx=index))
    grown = {"size": batch.tree.size, "frontier": batch.tree.frontier}
    connection.execute(update(tree_state).values(**grown))
    return batch.answers


def append_one(connection: Connection, entry: Entry) -> int:
    """The entry's index."""
    answer = append_within(connection, (entry,))[0]
    if not isinstance(answer, Placed):
        raise StoreUnavailable("The entry could not be put on record; run the command again")
    return answer.index


def raise_fence(connection: Connection) -> None:
    """Every appender, on every replica, reads ``suppression`` anew before it writes again."""
    lock_tree(connection)
    connection.execute(update(tree_state).values(fence=tree_state.c.fence + 1))


def _known(connection: Connection, entries: Sequence[Entry]) -> list[KnownShare]:
    closing, onces = questions(entries)
    if not closing and not onces:
        return []
    wanted = share.c.eid.in_(closing) | share.c.once.in_(onces)
    rows = connection.execute(select(share.c.eid, share.c.outcome_idx, share.c.sent, share.c.once).where(wanted))
    return [KnownShare(*row) for row in rows]


def _fence(connection: Connection) -> Fence:
    query = select(suppression.c.subject_ref, suppression.c.shredded).where(suppression.c.subject_ref.is_not(None))
    return fence_of((row.subject_ref, row.shredded) for row in connection.execute(query))
