"""What recorded shares would have been under other policies: from their leaves, without a text, a key or a name.

One page of leaves is held at a time. Counts grow with the policies' words, not with the log.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ai_gateway.model.entries import StoredLeaf, TreeState
from ai_gateway.policies.policy import Policies
from ai_gateway.policies.recorded import UNKNOWN, Candidate, Effect
from ai_gateway.policies.supposing import AskedText, RecordedCall

PAGE = 2_000
_EXAMPLES = 3
_KINDS = (b'"type":"share.intent"', b'"type":"share.denied"')


class Leaves(Protocol):
    """The part of ``ports.ShareStore`` that is read."""

    async def tree(self) -> TreeState: ...

    async def leaves(self, start: int, limit: int) -> Sequence[StoredLeaf]: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of consequence. ``before`` and ``after``: ``shared``, ``withheld``, ``refused`` or ``UNKNOWN``."""

    feature: str
    vendor: str
    input: str
    source: str
    before: str
    after: str
    code: str


@dataclass(slots=True)
class Counted:
    """``texts`` in ``shares``; some of their ids, to look them up by."""

    texts: int = 0
    shares: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Replayed:
    """``calls`` counts shares by what they were and would have been; ``pruned`` leaves say nothing any more;
    ``policies_unknown`` shares ran under policies that nobody kept."""

    entries: int = 0
    shares: int = 0
    pruned: int = 0
    trials: int = 0
    policies_unknown: int = 0
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: dict[Row, Counted] = field(default_factory=dict)

    def changed(self) -> Iterator[tuple[Row, Counted]]:
        """What would have been otherwise, or cannot be told; most texts first."""
        told = ((row, counted) for row, counted in self.rows.items() if row.before != row.after)
        return iter(sorted(told, key=lambda one: (-one[1].texts, one[0].feature, one[0].input, one[0].code)))


Kept = Callable[[str], "Policies | None"]
"""The policies that a feature's digest was of, if they are known."""


async def replay(
    store: Leaves, since: int, candidate: Policies, kept: Kept, told: Callable[[int, int], None]
) -> Replayed:
    """Every share opened at or after ``since`` (ms). ``told`` hears of the entries read, and of how many there are."""
    size = (await store.tree()).size
    start = await _first(store, since, size)
    made = Replayed()
    asked = Candidate(candidate)
    at = start
    while at < size:
        leaves = await store.leaves(at, min(PAGE, size - at))
        if not leaves:
            break
        for leaf in leaves:
            _count(leaf, since, asked, kept, made)
        at += len(leaves)
        told(at - start, size - start)
    return made


async def _first(store: Leaves, since: int, size: int) -> int:
    """Where to begin: entries are nearly in order of time, so a page of margin is left. Pruned ones are old."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        leaf = (await store.leaves(middle, 1))[0].leaf
        if leaf is None or json.loads(leaf)["t"] < since:
            low = middle + 1
        else:
            high = middle
    return max(0, low - PAGE)


def _count(
    leaf: StoredLeaf,
    since: int,
    candidate: Candidate,
    kept: Kept,
    made: Replayed,
) -> None:
    made.entries += 1
    if leaf.leaf is None:
        made.pruned += 1
        return
    if not any(kind in leaf.leaf for kind in _KINDS):
        return
    said = json.loads(leaf.leaf)
    if said["t"] < since:
        return
    if said.get("trial"):
        made.trials += 1
        return
    call = recorded(said)
    then = kept(call.policy)
    made.policies_unknown += then is None
    answer = candidate.effect(call, then)
    made.shares += 1
    made.calls[answer.before, answer.after] += 1
    _add(made, call, answer, said["eid"])


def _add(made: Replayed, call: RecordedCall, answer: Effect, share: str) -> None:
    rows: Counter[Row] = Counter()
    for one in answer.texts:
        row = Row(
            feature=call.feature,
            vendor=call.vendor,
            input=one.text.input,
            source=one.text.source or "",
            before=_ended(one.before, answer.before),
            after=one.after,
            code=one.code if one.after != "refused" else answer.code or one.code,
        )
        rows[row] += one.text.count
    for row, texts in rows.items():
        counted = made.rows.setdefault(row, Counted())
        counted.texts += texts
        counted.shares += 1
        if len(counted.examples) < _EXAMPLES:
            counted.examples.append(share)


def _ended(before: str, call_before: str) -> str:
    """Of a call that was denied, nothing was shared."""
    return "refused" if call_before == "denied" and before == "shared" else before


def recorded(said: Mapping[str, Any]) -> RecordedCall:
    """A leaf of a share, of this release or of one before texts were listed (``asked``)."""
    listed = said.get("asked")
    asked = _listed(listed) if isinstance(listed, dict) else _before_lists(said)
    return RecordedCall(
        feature=said["feature"],
        vendor=said["vendor"],
        model=said.get("model"),
        policy=said["policy"],
        permitted=said["decision"] == "permitted",
        reasons=tuple(sorted({reason["code"] for reason in said.get("reasons", ())})),
        asked=tuple(asked),
    )


def _listed(listed: Mapping[str, Any]) -> Iterator[AskedText]:
    for one in listed["items"]:
        yield AskedText(
            input=one["input"],
            source=one.get("source"),
            visibility=one.get("visibility"),
            author=one.get("author"),
            regimes=tuple(one["regimes"]) if "regimes" in one else None,
            lacking=tuple(one["lacking"]) if "lacking" in one else None,
            profiles=one.get("profiles"),
            action=one.get("action"),
            code=one.get("code"),
            count=one.get("n", 1),
        )


def _before_lists(said: Mapping[str, Any]) -> Iterator[AskedText]:
    lines: Counter[tuple[str, str | None, str | None, str, str | None]] = Counter()
    for segment in said["segments"]:
        if segment["kind"] == "item":
            lines[segment["input"], segment["source"], segment["visibility"], "shared", None] += 1
    for one in said.get("withheld", ()):
        if one.get("input") is not None:
            lines[one["input"], None, None, "withheld", one["code"]] += 1
    for (input_, source, visibility, action, code), count in lines.items():
        yield AskedText(
            input=input_,
            source=source,
            visibility=visibility,
            author=None,
            regimes=None,
            lacking=None,
            profiles=None,
            action=action,
            code=code,
            count=count,
        )


__all__ = ["UNKNOWN", "Counted", "Kept", "Leaves", "Replayed", "Row", "recorded", "replay"]
