"""``ai-gateway serve``."""

import os
import sys
import tempfile
from typing import Annotated

import typer

from ai_gateway.config import Settings, read

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; AI_GATEWAY_HOST, else loopback.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="AI_GATEWAY_PORT, else 8080.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="More than one needs PostgreSQL and Redis.")] = None,
) -> None:
    """Serve the HTTP API until interrupted; running requests may then finish. Logs JSON lines to standard error."""
    options = {"AI_GATEWAY_HOST": host, "AI_GATEWAY_PORT": port, "AI_GATEWAY_WORKERS": workers}
    given = {name: str(value) for name, value in options.items() if value is not None}
    settings = read({**os.environ, **given})
    _check(settings)
    _welcome(settings)
    os.environ.update(given)  # workers are processes of their own and read the same environment
    with tempfile.TemporaryDirectory(prefix="ai-gateway-metrics-") as shared:
        if settings.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared  # read when prometheus-client is imported
        _run(settings)


def _check(settings: Settings) -> None:
    """What can be wrong is told here, in one line each, before any server starts."""
    from ai_gateway.app.catalogue import load_in_force
    from ai_gateway.app.stores import open_keys

    load_in_force(settings, os.environ)
    open_keys(settings)


def _welcome(settings: Settings) -> None:
    from ai_gateway.app.stores import key_file

    database = "SQLite, " + str(settings.data_folder) if settings.database.startswith("sqlite") else "PostgreSQL"
    sys.stderr.write(
        f"ai-gateway on http://{settings.host}:{settings.port} (description: /docs)\n"
        f"  records    {database}\n"
        f"  key file   {key_file(settings)} (back it up apart from the database: without it nothing can be read)\n"
        f"  API key    ai-gateway keys create marketplace --right features --right registry --right audit\n"
    )


def _run(settings: Settings) -> None:
    import uvicorn

    uvicorn.run(
        "ai_gateway.app.serving:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        access_log=False,
        log_config=None,
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
