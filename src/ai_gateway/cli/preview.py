"""``ai-gateway preview``: what a vendor would receive, and why."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ai_gateway.api.answers import Json, preview_answer
from ai_gateway.cli.terminal import AsJson, run, say, show, table
from ai_gateway.config import read
from ai_gateway.model import Caller, CallerId, Right

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def preview(
    feature: Annotated[str, typer.Argument(help="A feature's name.")],
    file: Annotated[Path, typer.Argument(help="A run, as the HTTP API takes it; `-` reads standard input.")],
    *,
    caller: Annotated[str, typer.Option(help="The service to ask as.")] = "marketplace",
    gpc: Annotated[
        bool, typer.Option("--gpc", help="As if the actor's browser asked for Global Privacy Control.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the messages and the exact body a vendor would receive of a run, with each decision. Sends nothing.

    People are those of the registry, and those the file describes.
    """

    async def work() -> None:
        answer = await _preview(feature, file, CallerId(caller), gpc=gpc)
        show(answer, as_json, lambda: _tell(answer))

    run(work)


async def _preview(feature: str, file: Path, caller: CallerId, *, gpc: bool) -> Json:
    from ai_gateway.adapters.logging import configure
    from ai_gateway.adapters.telemetry import Telemetry
    from ai_gateway.api.schemas import FeatureRun
    from ai_gateway.app.serving import open_services
    from ai_gateway.cli.files import read_shape

    settings = read()
    configure("error")
    asked = read_shape(file, FeatureRun)
    async with open_services(settings, os.environ, Telemetry()) as services:
        who = Caller(id=caller, rights=frozenset({Right.FEATURES}))
        shown = await services.gateway.preview(who, asked.call(feature, gpc=gpc))
        vendor = services.gateway.catalogue.policies.vendors[shown.outbound.vendor]
    return preview_answer(shown, vendor.legal_name, vendor.region)


def _tell(answer: Json) -> None:
    vendor = answer["vendor"]
    say(f"{answer['feature']} to {vendor['legal_name']} ({vendor['name']}, {vendor['model']}, {vendor['region']})")
    table(
        "Decisions",
        ("input", "action", "treatment", "why", "rule", "rests on"),
        ((d["input"], d["action"], d["treatment"], d["code"], d["rule"], d["source"]) for d in answer["decisions"]),
    )
    say("found: " + (", ".join(f"{count} {kind}" for kind, count in answer["entities"].items()) or "nothing"))
    say(f"tokens: {answer['usage']['input_tokens']} in, at most {answer['usage']['max_output_tokens']} out")
    for message in answer["messages"]:
        say(f"--- {message['role']}")
        say(message["content"])
