"""Reading the share log from one end to the other: pages of leaves, straight through each database's driver.

An export, a check of the tree and a proven disclosure read every leaf there is; through SQLAlchemy that cost as much as
what they do with it.
"""

from collections.abc import Sequence

from ai_gateway.adapters.sql_engine import Database
from ai_gateway.model.entries import StoredLeaf

_PAGE = "SELECT idx, leaf_hash, data FROM leaf WHERE idx >= {start} ORDER BY idx LIMIT {limit}"


async def leaves(database: Database, start: int, limit: int) -> Sequence[StoredLeaf]:
    """From index ``start`` in ascending order, at most ``limit``."""
    rows = await database.fetch_page(_PAGE, start, limit)
    return [StoredLeaf(index=index, leaf_hash=digest, leaf=data) for index, digest, data in rows]
