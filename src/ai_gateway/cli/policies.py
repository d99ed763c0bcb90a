"""``ai-gateway policies``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ai_gateway.cli.terminal import AsJson, Exit, say, show, table
from ai_gateway.config import read
from ai_gateway.documents import did_you_mean
from ai_gateway.errors import FeatureUnknown
from ai_gateway.model import FeatureName

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


@app.command()
def explain(
    feature: Annotated[str, typer.Argument(help="A feature's name.")],
    source: Annotated[str, typer.Argument(help="Where text comes from, such as profile.overview.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say what holds for text from one source in one feature: every clause with its rule and what it rests on."""
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.policies import explain as explaining

    loaded = load_policies(read().policies_folder)
    policy = loaded.features.get(FeatureName(feature))
    if policy is None:
        raise FeatureUnknown(f"There is no such feature{did_you_mean(feature, loaded.features)}")
    told = explaining.explain(loaded, policy, source)
    rows = ((clause.topic, clause.says, clause.rule, clause.source) for clause in told.clauses)
    title = f"{source} in {feature}"
    show(asdict(told), as_json, lambda: table(title, ("about", "says", "rule", "rests on"), rows))
