"""The whole gateway against a vendor on loopback, beside a direct call, a pass-through and litellm's proxy; in one run.

``python -m benchmarks.gateway [--seconds 2] [--connections 1 16 64] [--sqlite] [--only chat] [--with-litellm-proxy]
[--write]``

The server measured has one core; the vendor, the database and the load have the other. Ratios hold within a run;
absolute figures are the machine's. ``--with-litellm-proxy`` installs litellm's proxy, and Presidio, into ``.bench/``
first. ``--write`` puts the tables into ``docs/benchmarks.md``.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import servers
from benchmarks.bodies import chat, feature_run, seen, unseen
from benchmarks.load import Result, Target, run
from benchmarks.processes import Spent, spent
from benchmarks.report import Measured, Row, told, write
from benchmarks.servers import Serve, gateway, litellm_proxy, pass_through

SLOW_VENDOR_MS = 50
_STREAM, _TOOL = chat(stream=True), chat(tool=True)
_CONNECTIONS_AT_CHANGE = 16
"""Of rows that stand beside the main table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``table`` is where the row goes: ``chat``, ``streams``, ``tools`` or ``workers``."""

    table: str
    name: str
    serve: Serve
    connections: Sequence[int]


def plans(options: argparse.Namespace, database: Callable[[], str], redis: str) -> list[Plan]:
    many, one = options.connections, [_CONNECTIONS_AT_CHANGE]
    body, new = seen(chat()), unseen(chat())
    asked = [
        ("chat", "direct call of the vendor", servers.direct(body), many),
        ("chat", "FastAPI + aiohttp pass-through", pass_through(body), many),
        ("chat", "this gateway, detection off", gateway(body, database, detection="off"), many),
        ("chat", "this gateway, patterns", gateway(body, database), many),
        ("chat", "this gateway, patterns, new texts", gateway(new, database), many),
        ("chat", "this gateway, full", gateway(body, database, detection="full"), many),
        ("chat", "this gateway, full, new texts", gateway(new, database, detection="full"), many),
        ("chat", "a feature run of five items, patterns", _feature_run(database), many),
        ("streams", "direct call of the vendor", servers.direct(seen(_STREAM)), one),
        ("streams", "FastAPI + aiohttp pass-through", pass_through(seen(_STREAM), "/stream"), one),
        ("streams", "this gateway, patterns", gateway(seen(_STREAM), database), one),
        ("tools", "direct call of the vendor", servers.direct(seen(_TOOL)), one),
        ("tools", "FastAPI + aiohttp pass-through", pass_through(seen(_TOOL)), one),
        ("tools", "this gateway, patterns", gateway(seen(_TOOL), database), one),
    ]
    if redis:
        asked.append(("workers", "one worker", gateway(body, database), one))
        asked.append(("workers", "two workers", gateway(body, database, redis=redis), one))
    if options.with_litellm_proxy:
        asked += [
            ("chat", "litellm proxy, no redaction", litellm_proxy(body), many),
            ("chat", "litellm proxy + Presidio", litellm_proxy(body, presidio=True), many),
            ("streams", "litellm proxy, no redaction", litellm_proxy(seen(_STREAM)), one),
            ("streams", "litellm proxy + Presidio", litellm_proxy(seen(_STREAM), presidio=True), one),
            ("tools", "litellm proxy, no redaction", litellm_proxy(seen(_TOOL)), one),
        ]
    made = [Plan(table=table, name=name, serve=serve, connections=number) for table, name, serve, number in asked]
    return [plan for plan in made if plan.table in options.only]


def _feature_run(database: Callable[[], str]) -> Serve:
    return gateway(seen(feature_run), database, feature="proposal_draft")


def measure(plan: Plan, vendor: int, seconds: float) -> Row:
    """Each number of connections against the vendor as it is, then one connection against a slow one."""
    begun = time.perf_counter()
    servers.delay(vendor, 0)
    with plan.serve(vendor) as target:
        ready = time.perf_counter() - begun
        measured = [_measured(target, number, seconds) for number in plan.connections]
        servers.delay(vendor, SLOW_VENDOR_MS)
        slow = run(target, connections=1, seconds=seconds)
        memory = spent(target.pids).memory
    return Row(table=plan.table, name=plan.name, measured=measured, slow=slow, ready=ready, memory=memory)


def _measured(target: Target, connections: int, seconds: float) -> Measured:
    run(target, connections=connections, seconds=0.0, warm_up=0.7)
    before = spent(target.pids)
    result: Result = run(target, connections=connections, seconds=seconds, warm_up=0.0)
    after: Spent = spent(target.pids)
    return Measured(result=result, cpu=(after.cpu - before.cpu) / max(1, result.requests))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="per figure")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument(
        "--sqlite", action="store_true", help="on SQLite instead of PostgreSQL, which leaves out workers"
    )
    tables = ["chat", "streams", "tools", "workers"]
    parser.add_argument("--only", nargs="+", choices=tables, default=tables)
    parser.add_argument("--with-litellm-proxy", action="store_true")
    parser.add_argument("--write", action="store_true", help="the tables into docs/benchmarks.md")
    options = parser.parse_args()
    console = Console(width=max(Console().width, 150))
    os.sched_setaffinity(0, servers.OTHER_CORES)
    rows: list[Row] = []
    with servers.vendor() as vendor, servers.databases(sqlite=options.sqlite) as database, servers.valkey() as redis:
        wanted = plans(options, database, "" if options.sqlite else redis)
        with _progress(console) as progress:
            task = progress.add_task("", total=len(wanted))
            for plan in wanted:
                progress.update(task, description=f"{plan.table}: {plan.name}")
                try:
                    rows.append(measure(plan, vendor, options.seconds))
                except (servers.NotStarted, OSError, EOFError) as error:
                    console.print(f"{plan.name} was not measured: {error}", style="red", markup=False)
                progress.advance(task)
    store = "SQLite" if options.sqlite else "PostgreSQL"
    text = told(rows, store=store, slow_ms=SLOW_VENDOR_MS, seconds=options.seconds)
    console.print(text, markup=False, highlight=False, soft_wrap=True)
    if options.write:
        write(text)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


if __name__ == "__main__":
    main()
