"""The tables, as text for a terminal and for ``docs/benchmarks.md`` alike."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.load import Result
from benchmarks.processes import waiting
from benchmarks.servers import ROOT

_PAGE = ROOT / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- gateway: generated -->\n", "<!-- gateway: end -->\n"
_DIRECT, _THROUGH = "direct call", "pass-through"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """``cpu`` is the server's, in milliseconds per request."""

    result: Result
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``ready`` in seconds, ``memory`` in MB."""

    table: str
    name: str
    measured: Sequence[Measured]
    slow: Result
    ready: float
    memory: float


def told(rows: Sequence[Row], *, store: str, slow_ms: int, seconds: float) -> str:
    """Markdown tables of what was measured, with where and when."""
    now = f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC"
    load = (
        f"{waiting():.1f} processes ran or waited for a core at the end (about 2 are the measurement's own: more makes "
        "every figure worse)"
    )
    machine = f"{os.cpu_count()} cores ({platform.machine()}), one for the server; Python {platform.python_version()}"
    parts = [f"{now}; {machine}; {seconds:g} s per figure; {load}. Durable on {store} before anything is sent."]
    kinds = {"chat": _chats, "streams": _streams, "tools": _plain, "workers": _plain}
    for table, make in kinds.items():
        if own := [row for row in rows if row.table == table]:
            parts.append(make(own, slow_ms))
    return "\n\n".join(parts) + "\n"


def write(text: str) -> None:
    """Between the page's markers."""
    page = _PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    _PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")


def _chats(rows: Sequence[Row], slow_ms: int) -> str:
    numbers = [one.result.connections for one in rows[0].measured]
    head = ["A chat completion of 2,000 characters, ten entities"]
    head += [f"requests/s at {number} (of pass-through)" for number in numbers]
    head += [f"added p50 / p99 ms at {number}" for number in numbers]
    head += ["CPU ms per request", f"added p50 over {slow_ms} ms", "MB", "ready s"]
    base, yardstick = _row(rows, _DIRECT), _row(rows, _THROUGH)
    lines = []
    for row in rows:
        cells = [row.name]
        for at, one in enumerate(row.measured):
            cells.append(
                f"{_rate(one.result)}{_share(one.result, yardstick.measured[at].result if yardstick else None)}"
            )
        for at, one in enumerate(row.measured):
            plain = base.measured[at].result if base else None
            cells.append(_added(one.result, plain))
        cells += [_cpu(row), f"{row.slow.p50 - (base.slow.p50 if base else slow_ms):.1f}", *_size(row)]
        lines.append(cells)
    return _table(head, lines)


def _streams(rows: Sequence[Row], slow_ms: int) -> str:
    number = rows[0].measured[0].result.connections
    head = [f"Streams of 40 pieces, {number} connections", "streams/s", "p99 / p50", "CPU ms per stream"]
    head += [f"added time to first content over {slow_ms} ms, one connection"]
    base = _row(rows, _DIRECT)
    first = base.slow.first if base else slow_ms
    lines = [
        [row.name, _rate(row.measured[0].result), _spread(row), _cpu(row), f"{row.slow.first - first:.1f} ms"]
        for row in rows
    ]
    return _table(head, lines)


def _plain(rows: Sequence[Row], slow_ms: int) -> str:
    number = rows[0].measured[0].result.connections
    what = "A chat completion with a tool, and a reply that calls it" if rows[0].table == "tools" else "Workers"
    head = [f"{what}, {number} connections", "requests/s", "p99 / p50", "CPU ms per request"]
    head += [f"added p50 over {slow_ms} ms", "MB", "ready s"]
    base = _row(rows, _DIRECT)
    least = base.slow.p50 if base else slow_ms
    lines = [
        [row.name, _rate(row.measured[0].result), _spread(row), _cpu(row), f"{row.slow.p50 - least:.1f}", *_size(row)]
        for row in rows
    ]
    return _table(head, lines)


def _row(rows: Sequence[Row], word: str) -> Row | None:
    return next((row for row in rows if word in row.name), None)


def _rate(result: Result) -> str:
    refused = f", {result.failures / result.requests:.0%} refused" if result.failures else ""
    return f"{result.rate:,.0f}{refused}"


def _share(result: Result, yardstick: Result | None) -> str:
    return f" ({result.rate / yardstick.rate:.0%})" if yardstick and yardstick.rate else ""


def _added(result: Result, plain: Result | None) -> str:
    return f"{result.p50 - plain.p50:.1f} / {result.p99 - plain.p99:.1f}" if plain else f"{result.p50:.1f} in all"


def _spread(row: Row) -> str:
    result = row.measured[0].result
    return f"{result.p99 / result.p50:.1f}"


def _cpu(row: Row) -> str:
    """With many connections, where there are several figures."""
    return f"{row.measured[-1].cpu:.2f}" if row.memory else "–"  # noqa: RUF001


def _size(row: Row) -> list[str]:
    return [f"{row.memory:,.0f}", f"{row.ready:.0f}"] if row.memory else ["–", "–"]  # noqa: RUF001


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *lines))
