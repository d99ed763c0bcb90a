"""``ai-gateway shares``: what was shared about whom, with whom, why."""

import os
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from ai_gateway.cli.terminal import AsJson, facts, print_json, run, say, show, table, warn
from ai_gateway.config import Settings, read
from ai_gateway.model import CallerId, ShareId, SubjectId
from ai_gateway.sharelog.asking import not_in_force, notice_of, place_of, wanted_of
from ai_gateway.sharelog.disclose import look_back
from ai_gateway.sharelog.read import SharePage
from ai_gateway.sharelog.reads import Reading, Why
from ai_gateway.sharelog.search import Wanted
from ai_gateway.sharelog.view import ShareState, ShareView

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

_LIMIT = 20
_WHEN = "a day (UTC), or a time as in 2026-03-31T09:00:00Z"
Reason = Annotated[Why, typer.Option(help="Why you read; on record, and told to the people concerned.")]


@app.callback()
def shares() -> None:
    """The share log, read. Every reading goes on record."""


def terminal_reading(why: Why) -> Reading:
    """Somebody at a terminal: by number, since a log that is never erased should not name staff."""
    return Reading(CallerId(f"terminal-{os.getuid()}"), why)


@app.command("list")
def listed(  # noqa: PLR0913, PLR0917 - a command has options
    subject: Annotated[str | None, typer.Option(help="One person's side alone.")] = None,
    feature: Annotated[str | None, typer.Option(help="This feature's alone.")] = None,
    vendor: Annotated[str | None, typer.Option(help="What this vendor was to receive.")] = None,
    state: Annotated[ShareState | None, typer.Option(help="Those in this state.")] = None,
    since: Annotated[str | None, typer.Option(help=f"From then on: {_WHEN}.")] = None,
    until: Annotated[str | None, typer.Option(help=f"Before then, or to that day's end: {_WHEN}.")] = None,
    after: Annotated[str | None, typer.Option(help="Continue after this share.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = _LIMIT,
    why: Reason = Why.NOT_STATED,
    *,
    as_json: AsJson = False,
) -> None:
    """List shares and denials, newest first."""
    from ai_gateway.api.shares import page_answer
    from ai_gateway.app.privacy import standings_of
    from ai_gateway.app.stores import open_stores

    wanted = wanted_of(feature=feature, vendor=vendor, state=state, since=since, until=until)
    narrowed = {
        "subject": subject,
        "feature": feature,
        "vendor": vendor,
        "state": state,
        "since": since,
        "until": until,
    }

    async def work() -> None:
        settings = read()
        async with open_stores(settings) as stores:
            about = None if subject is None else SubjectId(subject)
            place = await place_of(after, stores.proofs.knows)
            page = await stores.on_record.shares(terminal_reading(why), about, place, limit, wanted)
            notice = None if about is None else (await standings_of(stores).of(about)).notice
        misnamed = _misnamed(settings, wanted, page, is_alone=about is None and place is None)
        answer = page_answer(page, (misnamed, notice))

        def tell() -> None:
            columns = ("share", "at", "state", "feature", "vendor", "model", "people", "withheld")
            table("Shares", columns, map(_row, page.shares))
            if notice:  # a mistyped id, or somebody erased, must not look like an answer
                say(f"{subject}: {notice}")
            if misnamed:
                say(misnamed)
            if page.stopped_early:
                found = len(page.shares) or "none"
                say(f"{found} among the {page.looked:,} shares looked through; there are older ones")
            if page.next:
                say(f"more: {_again(narrowed, limit, why, page.next)}")

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
    since: Annotated[str | None, typer.Option(help=f"From then on: {_WHEN}; twelve months before without.")] = None,
    until: Annotated[str | None, typer.Option(help=f"Before then, or to that day's end: {_WHEN}; now without.")] = None,
    why: Reason = Why.PRIVACY_REQUEST,
    *,
    prove: Annotated[bool, typer.Option("--prove", help="Look at every entry instead of trusting the index.")] = False,
) -> None:
    """Print everything that was shared about a person, as JSON, with the evidence that nothing was left out."""
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.app.privacy import open_discloser
    from ai_gateway.app.stores import open_stores

    asked = wanted_of(since=since, until=until)

    async def work() -> None:
        settings = read()
        policies = load_policies(settings.policies_folder)
        async with open_stores(settings) as stores, open_discloser(stores, policies) as discloser:
            window = look_back(stores.clock.now(), asked.since, asked.until)
            told = await discloser.disclose(SubjectId(subject), window, terminal_reading(why), prove=prove)
        print_json(told)
        standing = told["standing"]
        if isinstance(standing, dict) and standing["notice"]:
            warn(f"{subject}: {standing['notice']}")

    run(work)


def _misnamed(settings: Settings, wanted: Wanted, page: SharePage, *, is_alone: bool) -> str | None:
    """What is to be said where nothing was found under a name that no policy has. Policies are not read before."""
    from ai_gateway.adapters.policy_files import load_policies

    if page.shares or wanted.feature is wanted.vendor is None:
        return None
    policies = load_policies(settings.policies_folder)
    return notice_of(page, wanted, not_in_force(wanted, policies.features, policies.vendors), is_alone=is_alone)


def _again(narrowed: Mapping[str, str | None], limit: int, why: Why, after: str) -> str:
    """The command that goes on with this list."""
    said = {**narrowed, "limit": str(limit) if limit != _LIMIT else None, "after": after}
    said["why"] = None if why is Why.NOT_STATED else why
    words = (word for name, value in said.items() if value is not None for word in (f"--{name}", value))
    return shlex.join(("ai-gateway", "shares", "list", *words))


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
