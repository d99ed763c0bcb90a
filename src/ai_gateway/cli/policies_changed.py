"""``ai-gateway policies diff | replay``: what other policies would change, in principle and in what was recorded."""

import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ai_gateway.cli.terminal import AsJson, Exit, counted, run, say, show, table
from ai_gateway.config import read
from ai_gateway.errors import RequestInvalid

if TYPE_CHECKING:
    from ai_gateway.policies.compare import Change, Comparison
    from ai_gateway.policies.space import Cover
    from ai_gateway.sharelog.replay import Replayed

_PERIOD = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNIT_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def diff(
    old: Annotated[Path, typer.Argument(help="A policies folder.")],
    new: Annotated[Path, typer.Argument(help="Another one.")],
    *,
    every: Annotated[bool, typer.Option("--all", help="Also where only the reason changes.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 when a decision changes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show which decisions change: not lines of files, but which texts of whom, with whom and how."""
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.policies.compare import OTHER_REASON, compare

    compared = compare(load_policies(old), load_policies(new))
    shown = [one for one in compared.changes if every or one.kind != OTHER_REASON]
    told = {
        "asked": compared.asked,
        "changes": [_change(one) for one in shown],
        "besides": list(compared.besides),
    }
    show(told, as_json, lambda: _tell_diff(compared, shown))
    raise typer.Exit(Exit.REFUSED if exit_code and shown else Exit.DONE)


def _change(one: "Change") -> dict[str, object]:
    names = ("kind", "feature", "vendor", "model", "input", "source", "category", "entities")
    told: dict[str, object] = {name: getattr(one, name) for name in names}
    when = [{key: list(values) for key, values in cover.items()} for cover in one.when]
    return {**told, "before": one.before.said, "after": one.after.said, "when": when}


def _tell_diff(compared: "Comparison", shown: "list[Change]") -> None:
    say(f"{compared.asked} decisions were made on each side; {len(shown)} groups of them differ.")
    if shown:
        columns = ("what", "feature", "input", "sources", "vendors", "before", "after", "when")
        table("Decisions that change", columns, _joined(shown))
    for line in compared.besides:
        say(f"besides: {line}")


def _joined(changes: "list[Change]") -> Iterator[tuple[str, ...]]:
    """One line for what is alike of several vendors and sources."""
    lines: dict[tuple[str, ...], tuple[dict[str, None], dict[str, None]]] = {}
    for one in changes:
        after = "; ".join((one.after.said, *one.entities))
        key = (one.kind, one.feature, one.input, one.before.said, after, _when(one.when))
        sources, vendors = lines.setdefault(key, ({}, {}))
        sources[one.source], vendors[one.vendor] = None, None
    for (kind, feature, input_, before, after, when), (sources, vendors) in lines.items():
        yield kind, feature, input_, ", ".join(sources), ", ".join(vendors), before, after, when


def _when(covers: "tuple[Cover, ...]") -> str:
    told = (" and ".join(f"{key}: {' or '.join(values)}" for key, values in cover.items()) for cover in covers)
    return ";\nor ".join(told) or "always"


def replay(
    *,
    since: Annotated[str, typer.Option(help="How far back: 30d, 12h, 90m.")] = "30d",
    policies: Annotated[Path, typer.Option(help="The policies to decide under.")],
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not tell progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide recorded shares again under other policies, from the log alone: no text is read, nothing is sent.

    What the log does not say, and what would matter, is counted as what cannot be told.
    """
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.app.kept import kept_policies
    from ai_gateway.app.stores import open_stores
    from ai_gateway.sharelog import replay as replaying

    from_ = time.time_ns() // 1_000_000 - period(since)
    candidate = load_policies(policies)

    async def work() -> "Replayed":
        async with open_stores(read()) as stores:
            kept = await kept_policies(stores.versions)
            return await replaying.replay(stores.shares, from_, candidate, kept, _progress(quiet))

    found = run(work)
    show(_json(found), as_json, lambda: _tell_replay(found))


def period(given: str) -> int:
    """In ms. Raises ``RequestInvalid``."""
    match = _PERIOD.fullmatch(given)
    if match is None:
        raise RequestInvalid("--since is a number with m, h or d: 30d.")
    return int(match[1]) * _UNIT_MS[match[2]]


def _progress(quiet: bool) -> Callable[[int, int], None]:  # noqa: FBT001 - a command's own flag
    last = [time.monotonic()]

    def tell(done: int, of: int) -> None:
        if not quiet and (time.monotonic() - last[0] >= 1 or done == of):
            last[0] = time.monotonic()
            sys.stderr.write(f"{done} of {of} entries\n")

    return tell


def _json(found: "Replayed") -> dict[str, object]:
    return {
        "entries": found.entries,
        "shares": found.shares,
        "pruned": found.pruned,
        "trials": found.trials,
        "policies_unknown": found.policies_unknown,
        "calls": [{"before": before, "after": after, "shares": n} for (before, after), n in found.calls.items()],
        "changed": [{**asdict(row), **asdict(counted)} for row, counted in found.changed()],
    }


def _tell_replay(found: "Replayed") -> None:
    say(f"{counted(found.shares, 'share')} decided again")
    for (before, after), count in sorted(found.calls.items()):
        say(f"  {count:>9}  {before}{'' if before == after else f' -> {after}'}")
    if found.pruned:
        say(f"  {found.pruned:>9}  entries are past their retention and say nothing any more")
    if found.policies_unknown:
        say(f"  {found.policies_unknown:>9}  ran under policies that were not kept: more of them cannot be told")
    columns = ("texts", "shares", "feature", "vendor", "input", "source", "before", "after", "why", "for example")
    rows = [
        (c.texts, c.shares, r.feature, r.vendor, r.input, r.source, r.before, r.after, r.code, c.examples[0])
        for r, c in found.changed()
    ]
    if rows:
        table("Texts that would have ended otherwise", columns, rows)
    else:
        say("No text would have ended otherwise.")
