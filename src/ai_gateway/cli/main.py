"""``ai-gateway``: every command, imported when it is run."""

import importlib
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ai_gateway.cli.terminal import ending

_COMMANDS = {
    "serve": "Serve the HTTP API.",
    "demo": "Run both features on sample data and show what goes where; ends by itself.",
    "doctor": "Check settings, stores, keys, detector and vendors, and say what to do.",
    "preview": "Show what a vendor would receive of a run, and why. Sends nothing.",
    "detect": "Show what is found in a text, by what, and how sure that is.",
    "subjects": "Register and show data subjects and their choices.",
    "consents": "Record that consent was given or withdrawn; show receipts.",
    "shares": "Show what was shared about whom, with whom, why.",
    "erase": "Erase people: step by step, holds, directives to vendors, certificates.",
    "retention": "Show and prune what is older than its retention.",
    "log": "Verify, export and sign the share log; what is in doubt.",
    "policies": "Check, explain and compare the policies; decide recorded shares again under others.",
    "prompts": "Write, check, try, compare and release prompts.",
    "keys": "API keys, and the key that personal data rests under: its file, its epochs.",
}


class Commands(TyperGroup):
    """Lists commands without importing them: ``--help`` must not wait for anything."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - Click's signature, of which typer carries a copy
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002
        if cmd_name not in _COMMANDS:
            return None
        module: Any = importlib.import_module(f"ai_gateway.cli.{cmd_name}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(asked: bool) -> None:  # noqa: FBT001 - typer's signature
    if asked:
        typer.echo(f"ai-gateway {version('ai-gateway')}")
        raise typer.Exit


@app.callback()
def ai_gateway(
    *,
    told: Annotated[bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """A privacy gateway between a marketplace's generative-AI features and LLM vendors.

    Exit codes: 0 done; 1 refused, not found or problems found; 2 arguments not understood; 3 configuration not valid;
    4 something it needs is away; 70 unknown error.
    """


def main() -> None:
    with ending():
        app()
