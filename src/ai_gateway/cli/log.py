"""``ai-gateway log``: looking after the share log."""

import time
from typing import Annotated

import typer

from ai_gateway.cli import log_checks, log_export, log_restored
from ai_gateway.cli.shares import moment
from ai_gateway.cli.terminal import AsJson, run, say, show, table
from ai_gateway.config import read

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def log() -> None:
    """The share log."""


for _command in (
    log_checks.verify,
    log_export.export,
    log_checks.proof,
    log_checks.consistency,
    log_checks.checkpoint,
    log_checks.fsck,
    log_checks.freeze,
    log_restored.restored,
    log_checks.verifier,
):
    app.command()(_command)


@app.command("in-doubt")
def in_doubt(
    *,
    minutes: Annotated[int, typer.Option(min=0, help="Opened at least this many minutes ago.")] = 15,
    settle: Annotated[bool, typer.Option("--settle", help="Close them as presumed shared.")] = False,
    as_json: AsJson = False,
) -> None:
    """List shares that have no outcome: a process stopped in between. They count as shared."""
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        before = time.time_ns() // 1_000_000 - minutes * 60_000
        async with open_stores(read()) as stores:
            found = await stores.reader.in_doubt(before)
            settled = await stores.log.settle_in_doubt(before) if settle else 0

        def tell() -> None:
            table("In doubt", ("share", "opened"), ((doubt.id, moment(doubt.at)) for doubt in found))
            if settle:
                say(f"{settled} closed as presumed shared")
            elif found:
                say("close them with: ai-gateway log in-doubt --settle")

        show({"in_doubt": [{"id": d.id, "at": d.at} for d in found], "settled": settled}, as_json, tell)

    run(work)
