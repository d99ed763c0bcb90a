"""``ai-gateway subjects``: the registry of data subjects."""

from pathlib import Path
from typing import Annotated

import typer

from ai_gateway.cli.files import read_shape
from ai_gateway.cli.terminal import AsJson, facts, run, say, show
from ai_gateway.config import read
from ai_gateway.errors import NotFound
from ai_gateway.model import Subject, SubjectId
from ai_gateway.ports import SubjectStore

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
Id = Annotated[str, typer.Argument(help="The marketplace's id of the person.")]
File = Annotated[Path, typer.Argument(help="JSON, as the HTTP API takes it; `-` reads standard input.")]


@app.callback()
def subjects() -> None:
    """Data subjects: who they are, and what they chose."""


@app.command()
def put(subject: Id, file: File) -> None:
    """Register a person, or replace what is registered (all but the choices)."""
    from ai_gateway.api.schemas import RegisteredSubject
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        said, person = read_shape(file, RegisteredSubject), SubjectId(subject)
        async with open_stores(read()) as stores:
            await stores.subjects.put(said.subject(person, registered=True, restricted=said.restricted))
        say(f"registered {subject}")

    run(work)


@app.command()
def choose(subject: Id, file: File) -> None:
    """Replace a person's choices."""
    from ai_gateway.api.schemas import ChosenFeatures
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        chosen = read_shape(file, ChosenFeatures)
        async with open_stores(read()) as stores:
            await stores.subjects.choose(SubjectId(subject), chosen.choices())
        say(f"recorded the choices of {subject}")

    run(work)


@app.command("show")
def shown(subject: Id, *, as_json: AsJson = False) -> None:
    """Show what is registered of a person. Identifiers are counted, not shown."""
    from ai_gateway.api.answers import subject_answer
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        async with open_stores(read()) as stores:
            answer = subject_answer(await _registered(stores.subjects, SubjectId(subject)))
        flat = {**answer, "known": _counts(answer["known"]), **answer["choices"]}
        flat.pop("choices")
        show(answer, as_json, lambda: facts(flat))

    run(work)


async def _registered(store: SubjectStore, subject: SubjectId) -> Subject:
    found = (await store.get((subject,))).get(subject)
    if found is None:
        raise NotFound(f"Nobody is registered as {subject}; register with `ai-gateway subjects put`")
    return found


def _counts(known: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in known.items() if count) or "nothing"
