"""Pages from templates: everything that is not written there is escaped."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ai_gateway.console import words
from ai_gateway.workbench.marks import Part

_FOLDER = files("ai_gateway.console") / "static"
STATIC = {"console.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
"""Files that pages refer to, with their media types."""


def page(name: str, **values: Any) -> str:  # noqa: ANN401 - what a page shows
    return _environment().get_template(name).render(values)


@cache
def static(name: str) -> bytes:
    """Raises ``KeyError`` for a name that is none of ours."""
    if name not in STATIC:
        raise KeyError(name)
    return (_FOLDER / name).read_bytes()


@cache
def address(name: str) -> str:
    """With a mark of its content, so that browsers may keep it for good."""
    return f"/console/static/{name}?{hashlib.sha256(static(name)).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Parts of one item (None: the prompt's own words) that follow one another. ``block``: they fill their lines, so
    that they may be set apart; the line's end after them is then the block's."""

    item: str | None
    parts: Sequence[Part] = field(repr=False)
    block: bool = False
    lines: Sequence[str] = field(default=(), repr=False)
    """The prompt's own words, line by line, where no item stands in one of their lines."""


def grouped(parts: Iterable[Part]) -> Iterator[Group]:
    """A message's parts as they are shown."""
    groups = [(item, list(several)) for item, several in groupby(parts, key=lambda part: part.item)]
    after_block = False
    for place, (item, several) in enumerate(groups):
        before = groups[place - 1][1][-1].text if place else "\n"
        behind = groups[place + 1][1][0].text if place + 1 < len(groups) else "\n"
        block = item is not None and before.endswith("\n") and behind.startswith("\n")
        if after_block:
            several[0] = replace(several[0], text=several[0].text.removeprefix("\n"))
        whole = item is None and (place == 0 or after_block) and _ends_line(groups, place)
        after_block = block
        lines = "".join(part.text for part in several).split("\n") if whole else ()
        yield Group(item=item, parts=several, block=block, lines=lines)


def _ends_line(groups: Sequence[tuple[str | None, list[Part]]], place: int) -> bool:
    """Whether what follows begins a line of its own and fills it."""
    if place + 1 == len(groups):
        return True
    follower = groups[place + 2][1][0].text if place + 2 < len(groups) else "\n"
    return groups[place][1][-1].text.endswith("\n") and follower.startswith("\n")


def dollars(amount: float) -> str:
    """Of so little money, two figures say enough."""
    return f"${amount:.2f}" if amount >= 1 else f"${float(f'{amount:.2g}'):.8f}".rstrip("0")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ai_gateway.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    said: dict[str, Any] = {
        "static": address,
        "grouped": grouped,
        "dollars": dollars,
        "look": words.look,
        "said": words.said,
        "done": words.done,
        "found_by": words.found_by,
        "why": words.why,
        "kind": words.kind,
        "ended": words.ended,
        "happened": words.happened,
        "REASONS": words.REASONS,
        "STATES": words.STATES,
        "STANDINGS": words.STANDINGS,
    }
    environment.globals.update(said)
    environment.filters["spoken"] = words.spoken
    environment.filters["when"] = words.when
    return environment
