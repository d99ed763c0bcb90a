"""Ids of invented people: they hold an ``@``, which no id of the marketplace may.

Whatever an author types, a trial concerns no real person, on record or anywhere else.
"""

from ai_gateway.model import SubjectId

_PREFIX = "trial@"


def invented(name: str) -> SubjectId:
    return SubjectId(_PREFIX + name)


def name_of(subject: SubjectId) -> str:
    """As the author wrote it."""
    return subject.removeprefix(_PREFIX)
