"""``ai-gateway consents``: consent to the use of message contents."""

import os
from typing import Annotated

import typer

from ai_gateway.cli.shares import moment
from ai_gateway.cli.terminal import AsJson, print_json, run, show, table
from ai_gateway.config import read
from ai_gateway.consent.receipt import Terms, receipt
from ai_gateway.consent.registry import ConsentRequest
from ai_gateway.model import ConsentState, Purpose, SubjectId

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
Id = Annotated[str, typer.Argument(help="The marketplace's id of the person.")]
For = Annotated[Purpose, typer.Option(help="What the consent is for.")]
Notice = Annotated[str, typer.Option(help="The version of the privacy notice the person saw.")]
Channel = Annotated[str, typer.Option(help="How it reached us.")]


@app.callback()
def consents() -> None:
    """Consent: who gave it, for what, and who took it back."""


@app.command()
def give(subject: Id, notice_version: Notice, purpose: For = Purpose.PROVIDE, channel: Channel = "command") -> None:
    """Record that a person gave consent; prints the receipt."""
    _record(subject, purpose, ConsentState.GIVEN, notice_version, channel)


@app.command()
def withdraw(
    subject: Id, notice_version: Notice = "unknown", purpose: For = Purpose.PROVIDE, channel: Channel = "command"
) -> None:
    """Record that a person withdrew consent; holds from the next request on. Prints the receipt."""
    _record(subject, purpose, ConsentState.WITHDRAWN, notice_version, channel)


@app.command("show")
def shown(subject: Id, *, as_json: AsJson = False) -> None:
    """Show every consent event of a person, oldest first."""
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        async with open_stores(read()) as stores:
            history = tuple(await stores.consents.history(SubjectId(subject)))
        made = [receipt(event, history, _terms()).document() for event in history] if as_json else []
        rows = [
            (e.id, e.purpose, e.state, moment(e.at), e.notice_version, e.channel, e.expires_at and moment(e.expires_at))
            for e in history
        ]
        columns = ("id", "purpose", "state", "at", "notice", "channel", "expires")
        show(made, as_json, lambda: table(f"Consents of {subject}", columns, rows))

    run(work)


def _record(subject: str, purpose: Purpose, state: ConsentState, notice_version: str, channel: str) -> None:
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        asked = ConsentRequest(
            subject=SubjectId(subject), purpose=purpose, state=state, notice_version=notice_version, channel=channel
        )
        async with open_stores(read()) as stores:
            event = await stores.registry.record(asked)
            history = tuple(await stores.consents.history(event.subject))
        print_json(receipt(event, history, _terms()).document())

    run(work)


def _terms() -> Terms:
    from ai_gateway.app.catalogue import load_in_force
    from ai_gateway.app.notice import terms

    return terms(load_in_force(read(), os.environ)[0])
