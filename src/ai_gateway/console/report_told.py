"""A disclosure as a page tells it: the same JSON that is handed over, counted where a reader would have to count."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SHOWN_AT_MOST = 200
"""Shares on one page, the newest; the file has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``said`` is the disclosure, ``docs/erasure.md`` says of what form; ``purposes`` are in the notice's words, with
    how many shares were for each; ``reads`` the newest looks at the person's shares, ``sources`` where the items that
    were shared came from."""

    said: Mapping[str, Any] = field(repr=False)
    shares: Sequence[Mapping[str, Any]] = field(repr=False)
    refused: Sequence[Mapping[str, Any]] = field(repr=False)
    reads: Sequence[Mapping[str, Any]]
    purposes: Sequence[tuple[str, int]]
    sources: Sequence[tuple[str, int]]
    treatments: Sequence[tuple[str, int]]
    replaced: Sequence[tuple[str, int]]


def told_of(disclosure: Mapping[str, Any]) -> Report:
    shares: Sequence[Mapping[str, Any]] = disclosure["shares"]
    items = [item for share in shares for item in share["items"]]
    replaced: Counter[str] = Counter()
    for item in items:
        replaced.update(item["removed_or_replaced"])
    purposes = Counter(share["purpose_in_words"] or share["purpose"] or "no longer kept" for share in shares)
    return Report(
        said=disclosure,
        shares=shares[:SHOWN_AT_MOST],
        refused=disclosure["refused"][:SHOWN_AT_MOST],
        reads=disclosure["looked_at"][: -SHOWN_AT_MOST - 1 : -1],
        purposes=purposes.most_common(),
        sources=Counter(item["source"] for item in items).most_common(),
        treatments=Counter(item["treatment"] for item in items).most_common(),
        replaced=replaced.most_common(),
    )
