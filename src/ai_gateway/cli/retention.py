"""``ai-gateway retention``: what is older than it is kept."""

import sys

import typer

from ai_gateway.cli.shares import moment
from ai_gateway.cli.terminal import AsJson, run, show, table
from ai_gateway.config import read
from ai_gateway.policies.vocabulary import RecordClass
from ai_gateway.sharelog.retention import Count

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def retention() -> None:
    """Retention, as `policies/retention.yaml` says."""


@app.command()
def plan(*, as_json: AsJson = False) -> None:
    """Show each class of record, how long it is kept, and what `retention run` would prune now."""
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.app.privacy import retaining_of
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        settings = read()
        policies = load_policies(settings.policies_folder)
        async with open_stores(settings) as stores:
            due = await retaining_of(stores, policies).plan()
        columns = ("class", "months", "before", "entries", "segments", "what", "source")
        rows = [
            (
                one.name.value,
                one.months or "always",
                moment(one.before) if one.before is not None else "never",
                one.count.entries,
                one.count.segments,
                one.of,
                one.source,
            )
            for one in due
        ]
        told = [dict(zip(columns, row, strict=True)) for row in rows]
        show(told, as_json, lambda: table("Retention", columns, rows))

    run(work)


@app.command("run")
def run_(*, as_json: AsJson = False) -> None:
    """Prune what is due. Hashes, roots, checkpoints and proofs stay as they are. May be stopped and run again."""
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.app.privacy import retaining_of
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        settings = read()
        policies = load_policies(settings.policies_folder)
        async with open_stores(settings) as stores:
            done = await retaining_of(stores, policies).run(_tell)
        columns = ("class", "entries", "segments")
        rows = [(name.value, count.entries, count.segments) for name, count in done.items()]
        told = [dict(zip(columns, row, strict=True)) for row in rows]
        show(told, as_json, lambda: table("Pruned", columns, rows))

    run(work)


def _tell(name: RecordClass, count: Count) -> None:
    sys.stderr.write(f"{name.value}: {count.entries} entries, {count.segments} segments\n")
