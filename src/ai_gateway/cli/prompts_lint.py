"""``ai-gateway prompts lint``."""

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ai_gateway.cli.prompts_bench import Policies, Prompts, Quiet, each, settings_of, tell
from ai_gateway.cli.terminal import Exit, counted, print_json, run, say
from ai_gateway.config import Settings

if TYPE_CHECKING:
    from ai_gateway.workbench.findings import Finding


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def lint(
    feature: Annotated[list[str] | None, typer.Argument(help="Prompts' names; all of them when left out.")] = None,
    *,
    output: Annotated[Format, typer.Option("--format", help="How findings are told.")] = Format.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail, too.")] = False,
    fast: Annotated[
        bool, typer.Option("--fast", help="Do not wait for the detector: nothing about personal data and budgets.")
    ] = False,
    prompts: Prompts = None,
    policies: Policies = None,
    quiet: Quiet = False,
) -> None:
    """Find what is wrong or unwise in prompts: every finding with its place, a code and what to do.

    Exit code 1 when there is an error. Errors of form keep a gateway from starting; warnings do not.
    """
    settings = settings_of(prompts, policies)
    found = run(lambda: _lint(settings, feature or [], fast=fast, quiet=quiet))
    _tell(found, output)
    from ai_gateway.workbench.findings import failing

    raise typer.Exit(Exit.REFUSED if failing(found, strict=strict) else Exit.DONE)


async def _lint(settings: Settings, features: Sequence[str], *, fast: bool, quiet: bool) -> list["Finding"]:
    from ai_gateway.adapters.tiktoken_counter import TiktokenCounter
    from ai_gateway.app.linting import Lint

    prompts, policies = _near(settings.prompts_folder), _near(settings.policies_folder)
    lint = Lint(prompts=prompts, policies=policies, detector=None, counter=None)
    folders = lint.folders(features)
    loaded = lint.load_policies()
    if fast:
        for folder in folders:
            await lint.folder(folder, loaded)
        return sorted(lint.found)
    from ai_gateway.app.detection import open_detection

    tell("loading the detector …", quiet=quiet)
    async with open_detection(settings) as detecting:
        lint.detector, lint.counter = detecting.detector, TiktokenCounter()
        for folder in each(folders, len(folders), "prompts", quiet=quiet):
            await lint.folder(folder, loaded)
    return sorted(lint.found)


def _near(folder: Path) -> Path:
    """As somebody in the working directory would write it, where it is within."""
    return Path(os.path.relpath(folder)) if folder.is_relative_to(Path.cwd()) else folder


def _tell(found: Sequence["Finding"], output: Format) -> None:
    from importlib.metadata import version

    from ai_gateway.workbench.findings import as_github, as_json, as_sarif

    match output:
        case Format.JSON:
            print_json(as_json(found))
        case Format.SARIF:
            print_json(as_sarif(found, version("ai-gateway")))
        case Format.GITHUB:
            say(as_github(found))
        case Format.TEXT:
            errors = sum(one.level == "error" for one in found)
            for one in found:
                say(str(one))
            told = f"{counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}"
            say(told if found else "prompts: nothing found")
