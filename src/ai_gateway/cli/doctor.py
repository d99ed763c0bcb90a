"""``ai-gateway doctor``: is everything there that a request needs?"""

import asyncio
import os
from collections.abc import Iterator
from typing import Annotated, NamedTuple

import typer

from ai_gateway.cli.terminal import AsJson, Exit, say, show, table
from ai_gateway.config import Detection, Settings, read
from ai_gateway.errors import ConfigurationError, GatewayError

app = typer.Typer(add_completion=False, rich_markup_mode=None)
GOOD, NOTE, BAD = "good", "note", "bad"


class Finding(NamedTuple):
    """``status`` is ``good``, ``note`` (it works, but somebody should know) or ``bad``."""

    part: str
    status: str
    detail: str


@app.command()
def doctor(
    *,
    print_grants: Annotated[
        bool, typer.Option("--print-grants", help="Print the rights of PostgreSQL's roles, as SQL, and stop.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check settings, files, keys, stores, detector and vendors; say what to do.

    Exit code 0: a run would work. 3: the configuration is not valid. 4: something is away.
    """
    if print_grants:
        from ai_gateway.adapters.sql_grants import grants

        say("\n".join(grants()))
        return
    findings: list[Finding] = []
    code = Exit.DONE
    try:
        findings += _configuration(settings := read())
        findings += asyncio.run(_parts(settings))
    except ConfigurationError as error:
        code = Exit.CONFIGURATION
        findings += [Finding("configuration", BAD, problem) for problem in error.problems]
    except GatewayError as error:
        findings.append(Finding("start", BAD, f"{error.code}: {error.detail}"))
    show([finding._asdict() for finding in findings], as_json, lambda: table("", Finding._fields, findings))
    if code is Exit.DONE and any(finding.status == BAD for finding in findings):
        code = Exit.AWAY
    raise typer.Exit(code)


def _configuration(settings: Settings) -> Iterator[Finding]:
    from ai_gateway.app.catalogue import load_in_force
    from ai_gateway.app.keys import open_keys

    yield Finding("settings", GOOD, f"home {settings.home}")
    catalogue, _door = load_in_force(settings, os.environ)
    yield Finding("policies and prompts", GOOD, ", ".join(sorted(catalogue.features)))
    yield Finding("key file", GOOD, f"epoch {asyncio.run(open_keys(settings)).epoch}, in {settings.keys_folder}")
    if settings.embedded:
        yield Finding("deployment", NOTE, "good for one process; more need PostgreSQL and Redis or Valkey")
    if settings.detection is Detection.PATTERNS:
        yield Finding("detection", NOTE, "names that nobody registered are not looked for: AI_GATEWAY_DETECTION=full")
    if "AI_GATEWAY_STANDIN_URL" in os.environ:
        yield Finding("stand-in", NOTE, "answers may be invented; unset AI_GATEWAY_STANDIN_URL in production")


async def _parts(settings: Settings) -> list[Finding]:
    """The parts as readiness sees them, after a start like the server's."""
    from ai_gateway.adapters.logging import configure
    from ai_gateway.adapters.telemetry import Telemetry
    from ai_gateway.api.health import ABSENT, look
    from ai_gateway.app.serving import open_services

    configure("error")
    async with open_services(settings, os.environ, Telemetry()) as services:
        parts = await look(services.checks)
        told = {"ready": GOOD, ABSENT: NOTE}
        found = [Finding(name, told.get(part["status"], BAD), part["detail"]) for name, part in parts.items()]
        if not [key for key in await services.callers.listed() if key.revoked_at is None]:
            found.append(Finding("API keys", NOTE, "none yet: ai-gateway keys create marketplace --right features"))
    return found
