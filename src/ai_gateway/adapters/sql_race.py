"""Writing a row that another transaction may write first."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ai_gateway.errors import StoreUnavailable

T = TypeVar("T")
_TRIES = 20


def until_first(connection: Connection, step: Callable[[], T]) -> T:
    """Run ``step`` in a savepoint, and again when a row it inserts was there first; it must read what it decides by.

    Each loss means that somebody else's row went in, so the tries run out only under a storm of writes on one person.
    """
    for _ in range(_TRIES):
        try:
            with connection.begin_nested():
                return step()
        except IntegrityError:
            continue
    raise StoreUnavailable("Too many writes about the same record at once; try again")
