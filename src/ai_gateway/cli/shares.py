"""``ai-gateway shares``: what was shared about whom, with whom, why."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ai_gateway.cli.terminal import AsJson, facts, run, say, show, table
from ai_gateway.config import read
from ai_gateway.model import ShareId, SubjectId
from ai_gateway.sharelog.view import ShareView

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def shares() -> None:
    """The share log, read."""


@app.command("list")
def listed(
    subject: Annotated[str | None, typer.Option(help="One person's side alone.")] = None,
    after: Annotated[str | None, typer.Option(help="Continue after this share.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    *,
    as_json: AsJson = False,
) -> None:
    """List shares and denials, newest first."""
    from ai_gateway.api.shares import share_answer
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        async with open_stores(read()) as stores:
            page = await stores.reader.shares(
                SubjectId(subject) if subject else None, ShareId(after) if after else None, limit
            )
        answer = {"shares": [share_answer(share) for share in page.shares], "next": page.next}

        def tell() -> None:
            columns = ("share", "at", "state", "feature", "vendor", "model", "people", "withheld")
            table("Shares", columns, map(_row, page.shares))
            if page.next:
                say(f"more: ai-gateway shares list --after {page.next}")

        show(answer, as_json, tell)

    run(work)


@app.command("show")
def shown(share: Annotated[str, typer.Argument(help="The share's id.")], *, as_json: AsJson = False) -> None:
    """Show one share whole: the exact body, every item with its treatment, what was withheld, how it ended."""
    from ai_gateway.api.shares import share_answer
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        async with open_stores(read()) as stores:
            found = await stores.reader.share(ShareId(share))
        show(share_answer(found), as_json, lambda: tell_share(found))

    run(work)


def tell_share(share: ShareView) -> None:
    """A share's entry, for people."""
    facts(
        {
            "share": share.id,
            "entry": f"{share.index} in the log, {moment(share.at)}",
            "state": share.state,
            "feature": f"{share.fact('feature')} ({share.fact('feature_version') or 'nothing sent'})",
            "purpose": share.fact("purpose"),
            "vendor": f"{share.fact('vendor')} {share.fact('model') or ''} in {share.fact('region') or 'no region'}",
            "policy": share.fact("policy"),
            "detector": share.fact("detector"),
            "people": ", ".join(f"{p.subject} ({p.role}{', actor' if p.actor else ''})" for p in share.people),
            "outcome": share.outcome.status if share.outcome else "none",
            "unreadable": share.unreadable,
        }
    )
    items = ((i.path, i.category, i.treatment, ", ".join(i.about), _counted(i.entities), i.rule) for i in share.items)
    table("Shared", ("item", "category", "treatment", "about", "found", "rule"), items)
    withheld = ((f.path, f.subject, f.code, f.rule, f.rule_source) for f in share.withheld)
    table("Withheld", ("item", "concerns", "why", "rule", "source"), withheld)
    if share.body is not None:
        say("Body, as sent:")
        say(share.body.decode())


def moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _row(share: ShareView) -> tuple[object, ...]:
    people = ", ".join(person.subject for person in share.people)
    withheld = len({fate.path for fate in share.withheld})
    place = (share.fact("feature"), share.fact("vendor"), share.fact("model"))
    return (share.id, moment(share.at), share.state, *place, people, withheld)


def _counted(entities: object) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in entities.items()) if isinstance(entities, dict) else ""
