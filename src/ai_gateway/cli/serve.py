"""``ai-gateway serve``."""

import asyncio
import errno
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from ai_gateway.config import Settings, read
from ai_gateway.errors import ConfigurationError

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; AI_GATEWAY_HOST, else loopback.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="AI_GATEWAY_PORT, else 8080.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="More than one needs PostgreSQL and Redis.")] = None,
    *,
    dev: Annotated[bool, typer.Option("--dev", help="For development: one local vendor, nothing kept.")] = False,
    vendor_url: Annotated[str | None, typer.Option(help="With --dev: the vendor, as http://127.0.0.1:8765/v1.")] = None,
    key: Annotated[str | None, typer.Option(help="With --dev: the API key to ask for; without it, none.")] = None,
) -> None:
    """Serve the HTTP API until interrupted; running requests may then finish. Logs JSON lines to standard error.

    With --dev, requests in OpenAI's and Anthropic's protocols go to a vendor on this machine, under any model's name
    and without saying who asks: for development, and for test suites. It listens on loopback alone.
    """
    if dev:
        if workers is not None and workers > 1:
            raise typer.BadParameter("--dev runs one process")
        _serve_development(host or "127.0.0.1", 8080 if port is None else port, vendor_url, key)
        return
    if vendor_url is not None or key is not None:
        raise typer.BadParameter("--vendor-url and --key go with --dev")
    options = {"AI_GATEWAY_HOST": host, "AI_GATEWAY_PORT": port, "AI_GATEWAY_WORKERS": workers}
    given = {name: str(value) for name, value in options.items() if value is not None}
    settings = read({**os.environ, **given})
    _free(settings.host, settings.port)
    _check(settings)
    _welcome(settings)
    os.environ.update(given)  # workers are processes of their own and read the same environment
    with (
        tempfile.TemporaryDirectory(prefix="ai-gateway-metrics-") as shared,
        tempfile.TemporaryDirectory(prefix="ai-gateway-versions-") as versions,
    ):
        if settings.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared  # read when prometheus-client is imported
            from ai_gateway.app.last_good import FOLDER

            os.environ[FOLDER] = versions
        _run(settings)


def _serve_development(host: str, port: int, vendor_url: str | None, key: str | None) -> None:
    """The embedded default in a folder that goes when the gateway does."""
    from ai_gateway.adapters.logging import configure
    from ai_gateway.app.development import development_settings, entrance, vendor_environment
    from ai_gateway.app.serving import build

    if vendor_url is None:
        raise typer.BadParameter(
            "--dev needs --vendor-url, a vendor on this machine; `python -m ai_gateway.standin --port 8765` runs one"
        )
    environ = vendor_environment(vendor_url)
    _free(host, port)
    with tempfile.TemporaryDirectory(prefix="ai-gateway-dev-") as home:
        settings = development_settings(Path(home), host=host, port=port)
        configure(settings.log_level)
        app = build(settings, environ, entrance(key))
        sys.stderr.write(
            f"ai-gateway on http://{host}:{port} FOR DEVELOPMENT ONLY: loopback alone, nothing is kept, "
            f"{'the given key is asked for' if key else 'no key is asked for'}\n"
            f"  OpenAI SDK     base_url=http://{host}:{port}/v1\n"
            f"  Anthropic SDK  base_url=http://{host}:{port}\n"
            f"  vendor         {vendor_url}\n"
        )
        _listen(app, settings)


def _free(host: str, port: int) -> None:
    """Asked before anything is loaded, which takes a while. Raises ``ConfigurationError``. A name may have addresses
    that this machine lacks (localhost, where IPv6 is off): one that can be had is enough here."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, address in addresses:
            try:
                with socket.socket(family, kind, protocol) as trial:
                    trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
                    trial.bind(address)
            except OSError as error:
                if error.errno not in _NOT_HERE or len(addresses) == 1:
                    raise
    except OSError as error:
        why = error.strerror or "no such address"
        raise ConfigurationError(f"{host}:{port} cannot be listened on: {why}; choose --host and --port") from None


def _check(settings: Settings) -> None:
    """What can be wrong is told here, in one line each, before any server starts."""
    from ai_gateway.app.catalogue import load_in_force
    from ai_gateway.app.keys import open_keys

    load_in_force(settings, os.environ)
    asyncio.run(open_keys(settings))


def _welcome(settings: Settings) -> None:
    from ai_gateway.app.keys import key_file

    database = "SQLite, " + str(settings.data_folder) if settings.database.startswith("sqlite") else "PostgreSQL"
    sys.stderr.write(
        f"ai-gateway on http://{settings.host}:{settings.port} (description: /docs)\n"
        f"  records    {database}\n"
        f"  key file   {key_file(settings)} (back it up apart from the database: without it nothing can be read)\n"
        f"  API key    ai-gateway keys create marketplace --right features --right registry --right audit\n"
        f"  console    /console, with a key of the right author or audit (docs/guides/use-the-workbench.md)\n"
    )


def _run(settings: Settings) -> None:
    if settings.workers > 1:
        _hand_on_hangups()
    _listen("ai_gateway.app.serving:from_environment", settings, factory=True)


def _hand_on_hangups() -> None:
    """``SIGHUP`` means to every worker what it means to a process alone: look at the files. The server's own answer, to
    replace every worker, would let go of the version in force."""
    from uvicorn.supervisors import Multiprocess

    def hand_on(supervisor: Multiprocess) -> None:
        for process in supervisor.processes:
            if process.pid is not None:
                os.kill(process.pid, signal.SIGHUP)

    Multiprocess.handle_hup = hand_on  # type: ignore[method-assign, assignment]  # it takes no class to use instead


def _listen(app: Any, settings: Settings, *, factory: bool = False) -> None:  # noqa: ANN401 - an application, or its name
    import uvicorn

    uvicorn.run(
        app,
        factory=factory,
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
