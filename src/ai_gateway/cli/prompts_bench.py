"""What the commands that try prompts share: folders, the bench, progress, and how treatments look on a terminal."""

import os
import sys
import time
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from ai_gateway.cli.terminal import console
from ai_gateway.config import Settings, read

if TYPE_CHECKING:  # a quick command waits for none of them
    from rich.text import Text

    from ai_gateway.app.trial import Trials
    from ai_gateway.workbench.marks import Marked
    from ai_gateway.workbench.trial import Tried

T = TypeVar("T")
FeatureName = Annotated[str, typer.Argument(help="A prompt's name, which is its feature's.")]
Prompts = Annotated[
    Path | None, typer.Option("--prompts", help="Prompts folder; AI_GATEWAY_PROMPTS, else the shipped one.")
]
Policies = Annotated[
    Path | None, typer.Option("--policies", help="Policies folder; AI_GATEWAY_POLICIES, else the shipped one.")
]
Model = Annotated[
    str | None, typer.Option("--model", help="vendor/model of the feature's policy; its first vendor when left out.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Do not tell progress.")]
_TELL_SECONDS = 2.0
_STYLES = ("black on cyan", "black on green", "black on yellow", "black on magenta", "white on blue", "white on red")


def settings_of(prompts: Path | None, policies: Path | None) -> Settings:
    """Those of the environment, with the folders given. Raises ``ConfigurationError``."""
    settings = read()
    return replace(
        settings,
        prompts=prompts.absolute() if prompts is not None else settings.prompts_folder,
        policies=policies.absolute() if policies is not None else settings.policies_folder,
    )


@asynccontextmanager
async def bench_open(settings: Settings, *, live: bool = False, quiet: bool = False) -> AsyncGenerator["Trials"]:
    from ai_gateway.adapters.logging import configure
    from ai_gateway.app.trial import open_trials

    configure("error")
    tell("loading the detector …", quiet=quiet)
    async with open_trials(settings, os.environ, live=live) as trials:
        if trials.asks:
            tell(f"live: asking {trials.asks}", quiet=quiet)
        yield trials


def tell(line: str, *, quiet: bool) -> None:
    """On standard error, so that what is printed can be piped."""
    if not quiet:
        sys.stderr.write(f"{line}\n")


def each(things: Iterable[T], total: int, what: str, *, quiet: bool) -> Iterator[T]:
    """The same things, told now and then: ``3 of 12 cases``."""
    told = time.monotonic()
    for number, thing in enumerate(things, start=1):
        yield thing
        if time.monotonic() - told > _TELL_SECONDS and number < total:
            tell(f"{number} of {total} {what}", quiet=quiet)
            told = time.monotonic()


def style_of(entity: str) -> str:
    """The same for a type everywhere on a page."""
    return _STYLES[sum(map(ord, entity)) % len(_STYLES)]


def coloured(text: "Marked") -> "Text":
    """Each treatment on the colour of its entity type; what stays in clear is underlined."""
    from rich.text import Text

    shown = Text()
    for part in text.parts:
        mark = part.mark
        style = "" if mark is None else "underline" if mark.treatment == "share" else style_of(mark.entity)
        shown.append(part.text, style)
    return shown


def legend(marks: Iterable[str]) -> "Text":
    from rich.text import Text

    shown = Text()
    for entity in sorted(set(marks)):
        shown.append(f" {entity} ", style_of(entity))
        shown.append(" ")
    return shown


def show_text(text: "Text | str") -> None:
    """As it is, without wrapping words where the output is no terminal."""
    out = console()
    out.print(text, soft_wrap=True)


def decisions_of(tried: "Tried") -> list[dict[str, Any]]:
    return [
        {
            "item": one.item,
            "action": str(one.action),
            "treatment": str(one.treatment),
            "code": one.reason.code,
            "rule": one.reason.rule,
            "source": one.reason.source,
        }
        for one in tried.decisions
    ]


def dollars(amount: float | None) -> str:
    return "no price" if amount is None else f"${amount:.6f}"


def entities_line(entities: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(entities.items())) or "nothing"
