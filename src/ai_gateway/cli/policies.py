"""``ai-gateway policies``."""

from pathlib import Path
from typing import Annotated

import typer

from ai_gateway.cli import policies_changed, policies_explain, policies_kept, policies_matrix
from ai_gateway.cli.terminal import AsJson, Exit, say, show
from ai_gateway.config import read

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
Folder = Annotated[Path | None, typer.Argument(help="A policies folder; AI_GATEWAY_POLICIES, else the shipped one.")]


@app.callback()
def policies() -> None:
    """Policies: what may be shared about whom."""


@app.command()
def check(folder: Folder = None, *, as_json: AsJson = False) -> None:
    """Check every file as strictly as at start; one line per problem, and exit code 1 if there is one."""
    from ai_gateway.adapters import policy_files

    problems = policy_files.check(folder or read().policies_folder)
    show(list(problems), as_json, lambda: say("\n".join(problems) or "policies: no problems"))
    raise typer.Exit(Exit.REFUSED if problems else Exit.DONE)


for _command in (
    policies_explain.explain,
    policies_matrix.matrix,
    policies_changed.diff,
    policies_changed.replay,
    policies_kept.versions,
    policies_kept.show_version,
):
    app.command(name=_command.__name__.removesuffix("_version"))(_command)
