"""``ai-gateway shares``: what was shared about whom, with whom, why."""

import os
from datetime import UTC, datetime
from typing import Annotated

import typer

from ai_gateway.cli.terminal import AsJson, facts, print_json, run, say, show, table, warn
from ai_gateway.config import read
from ai_gateway.model import CallerId, ShareId, SubjectId
from ai_gateway.sharelog.disclose import look_back
from ai_gateway.sharelog.reads import Reading, Why
from ai_gateway.sharelog.view import ShareView

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Reason = Annotated[Why, typer.Option(help="Why you read; on record, and told to the people concerned.")]


@app.callback()
def shares() -> None:
    """The share log, read. Every reading goes on record."""


def terminal_reading(why: Why) -> Reading:
    """Somebody at a terminal: by number, since a log that is never erased should not name staff."""
    return Reading(CallerId(f"terminal-{os.getuid()}"), why)


@app.command("list")
def listed(
    subject: Annotated[str | None, typer.Option(help="One person's side alone.")] = None,
    after: Annotated[str | None, typer.Option(help="Continue after this share.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    why: Reason = Why.NOT_STATED,
    *,
    as_json: AsJson = False,
) -> None:
    """List shares and denials, newest first."""
    from ai_gateway.api.shares import share_answer
    from ai_gateway.app.privacy import standings_of
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        async with open_stores(read()) as stores:
            about = SubjectId(subject) if subject else None
            page = await stores.on_record.shares(terminal_reading(why), about, ShareId(after) if after else None, limit)
            notice = None if about is None else (await standings_of(stores).of(about)).notice
        answer = {"shares": [share_answer(share) for share in page.shares], "next": page.next, "notice": notice}

        def tell() -> None:
            columns = ("share", "at", "state", "feature", "vendor", "model", "people", "withheld")
            table("Shares", columns, map(_row, page.shares))
            if notice:  # a mistyped id, or somebody erased, must not look like an answer
                say(f"{subject}: {notice}")
            if page.next:
                say(f"more: ai-gateway shares list --after {page.next}")

        show(answer, as_json, tell)

    run(work)


@app.command("show")
def shown(
    share: Annotated[str, typer.Argument(help="The share's id.")],
    why: Reason = Why.NOT_STATED,
    *,
    as_json: AsJson = False,
) -> None:
    """Show one share whole: the exact body, every item with its treatment, what was withheld, how it ended."""
    from ai_gateway.api.shares import share_answer
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        async with open_stores(read()) as stores:
            found = await stores.on_record.share(terminal_reading(why), ShareId(share))
        show(share_answer(found), as_json, lambda: tell_share(found))

    run(work)


@app.command()
def disclose(
    subject: Annotated[str, typer.Argument(help="The marketplace's id of the person.")],
    since: Annotated[datetime | None, typer.Option(help="From this time on (UTC); twelve months ago without.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this time (UTC); now without.")] = None,
    why: Reason = Why.PRIVACY_REQUEST,
    *,
    prove: Annotated[bool, typer.Option("--prove", help="Look at every entry instead of trusting the index.")] = False,
) -> None:
    """Print everything that was shared about a person, as JSON, with the evidence that nothing was left out."""
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.app.privacy import open_discloser
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        settings = read()
        policies = load_policies(settings.policies_folder)
        async with open_stores(settings) as stores, open_discloser(stores, policies) as discloser:
            window = look_back(stores.clock.now(), _ms(since), _ms(until))
            told = await discloser.disclose(SubjectId(subject), window, terminal_reading(why), prove=prove)
        print_json(told)
        standing = told["standing"]
        if isinstance(standing, dict) and standing["notice"]:
            warn(f"{subject}: {standing['notice']}")

    run(work)


def _ms(at: datetime | None) -> int | None:
    return None if at is None else int(at.replace(tzinfo=UTC).timestamp() * 1000)


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
