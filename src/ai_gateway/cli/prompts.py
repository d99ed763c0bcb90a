"""``ai-gateway prompts``: the prompt author's workbench on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from ai_gateway.cli import (
    prompts_diff,
    prompts_eval,
    prompts_label,
    prompts_lint,
    prompts_new,
    prompts_render,
    prompts_test,
)
from ai_gateway.cli.terminal import AsJson, Exit, say, show
from ai_gateway.config import read
from ai_gateway.errors import ConfigurationError

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
Folder = Annotated[Path | None, typer.Argument(help="A prompts folder; AI_GATEWAY_PROMPTS, else the shipped one.")]


@app.callback()
def prompts() -> None:
    """Prompts: what a vendor's model is asked. Write, check, try, compare and release them."""


@app.command()
def check(folder: Folder = None, *, as_json: AsJson = False) -> None:
    """Check every file, and each prompt against its feature's policy; exit code 1 if there is a problem."""
    from ai_gateway.adapters.catalogue_files import load_catalogue

    settings, problems = read(), []
    try:
        load_catalogue(folder or settings.prompts_folder, settings.policies_folder)
    except ConfigurationError as error:
        problems = list(error.problems)
    show(problems, as_json, lambda: say("\n".join(problems) or "prompts: no problems"))
    raise typer.Exit(Exit.REFUSED if problems else Exit.DONE)


app.command("new")(prompts_new.new)
app.command("lint")(prompts_lint.lint)
app.command("render")(prompts_render.render)
app.command("test")(prompts_test.run_tests)
app.command("diff")(prompts_diff.diff)
app.command("eval")(prompts_eval.evaluate)
app.command("label")(prompts_label.label)
