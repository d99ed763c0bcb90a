"""Which of many expressions stand in a text at all: a few passes over it instead of one for each.

RE2 matches a set of expressions in one pass, by an automaton whose states it makes as texts need them. Counted
repetitions are most of those states, so here they count no further than their lower bound: what an expression matches
its looser form matches too, and an expression let through in vain costs one search.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

import re2

_BETWEEN_DIGITS = b" ().-/+,:\n\t"
_ONLY_DIGITS = bytes(c if c in b"0123456789" else 32 for c in range(256))
_MOST_IN_A_SET = 8
"""More make fewer passes and, since the states of all multiply, more states."""
_MOST_MEMORY = 4 << 20
"""Bytes of states that a set keeps; it starts anew when they are full."""
_MOST_SETS = 128
_FEW_DIGITS, _SOME_DIGITS = 3, 7
_COUNTED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<least>\d+),(?P<most>\d*)\}", re.DOTALL)
_QUOTED = r"\Q"


class Screened(NamedTuple):
    """An expression, how many ``digits`` with nothing but separators between them a text must have for a match to be
    worth anything, and whether it reads capitals."""

    expression: str
    digits: int
    by_capitals: bool


class _Set(Protocol):
    """What is used of a set of RE2 expressions."""

    def Match(self, text: bytes, /) -> list[int] | None: ...  # noqa: N802  its name


class _Group(NamedTuple):
    digits: int
    by_capitals: bool
    members: tuple[int, ...]
    set: _Set | None


class Screen:
    """Knows expressions by their place in the sequence given. Safe to use from several threads."""

    def __init__(self, expressions: Sequence[Screened]) -> None:
        self._groups = [_group(expressions, members) for members in _grouped(expressions)]

    def possible(self, raw: bytes, *, by_capitals: bool = False) -> list[int]:
        """The places, ascending, of all expressions that match somewhere in a text with digits enough, and of few
        others; ``by_capitals``: of those that read capitals."""
        digits = _digits_together(raw)
        found: list[int] = []
        for group in self._groups:
            if group.digits <= digits and group.by_capitals >= by_capitals:
                found += _matching(group, raw)
        return sorted(found)


def looser(expression: str) -> str:
    """Matches wherever the expression does: repetitions have no upper bound."""
    return expression if _QUOTED in expression else _COUNTED.sub(_uncounted, expression)


def _uncounted(match: re.Match[str]) -> str:
    least, most = match["least"], match["most"]
    if least is None or (least, most) == ("0", "1"):
        return match.group()
    return {"0": "*", "1": "+"}.get(least, f"{{{least},}}")


def _grouped(expressions: Sequence[Screened]) -> Iterator[tuple[int, ...]]:
    """Such as are skipped together, in sets of about the same size."""
    alike: dict[tuple[bool, int], list[int]] = {}
    for i, one in enumerate(expressions):
        rank = (one.digits > 0) + (one.digits >= _FEW_DIGITS) + (one.digits >= _SOME_DIGITS)
        alike.setdefault((one.by_capitals, rank), []).append(i)
    for members in alike.values():
        number = -(-len(members) // _MOST_IN_A_SET)
        size = -(-len(members) // number)
        yield from (tuple(members[at : at + size]) for at in range(0, len(members), size))


def _group(expressions: Sequence[Screened], members: tuple[int, ...]) -> _Group:
    digits = min(expressions[i].digits for i in members)
    by_capitals = expressions[members[0]].by_capitals
    return _Group(digits, by_capitals, members, _set(tuple(expressions[i].expression for i in members)))


@lru_cache(maxsize=_MOST_SETS)
def _set(expressions: tuple[str, ...]) -> _Set | None:
    """None where RE2 cannot make one; then all of them are possible. Made once: every version of a catalogue has the
    same."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    made: _Set = re2.Set.SearchSet(options)
    try:
        for expression in expressions:
            made.Add(looser(expression).encode())  # type: ignore[attr-defined]
        made.Add(b"")  # type: ignore[attr-defined]  # matches every text, see ``_matching``
        made.Compile()  # type: ignore[attr-defined]
    except re2.error:
        return None
    return made


def _matching(group: _Group, raw: bytes) -> Sequence[int]:
    """A set that ran out of memory says that nothing matches, which the empty expression gives away."""
    members = group.members
    hits = group.set.Match(raw) if group.set is not None else None
    if not hits or len(members) not in hits:
        return members
    return [members[hit] for hit in hits if hit < len(members)]


def _digits_together(raw: bytes) -> int:
    return max(map(len, raw.translate(_ONLY_DIGITS, _BETWEEN_DIGITS).split()), default=0)
