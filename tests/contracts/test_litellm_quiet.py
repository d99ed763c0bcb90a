"""litellm makes no look-up, reads no file of ours, says nothing and starts nothing: it only translates."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import respx

from ai_gateway.adapters.litellm_vendor import LitellmVendor
from ai_gateway.adapters.vendor_transport import VendorTransport
from vendor_prompts import KEY, profile, prompt, recorded
from vendor_server import VendorServer

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("litellm")]

TESTS = Path(__file__).parents[1]
IN_A_PROCESS_OF_ITS_OWN = """
import logging, socket, sys, threading
lines = []
class Ear(logging.Handler):
    def emit(self, record): lines.append(record.getMessage())
logging.getLogger().addHandler(Ear(0))
logging.getLogger().setLevel(1)
import asyncio
def refuse(*a, **k): raise SystemExit("the network was used")
for name in ("connect", "connect_ex", "sendto"): setattr(socket.socket, name, refuse)
for name in ("getaddrinfo", "gethostbyname", "create_connection"): setattr(socket, name, refuse)

from ai_gateway.adapters.litellm_vendor import LitellmVendor
from ai_gateway.adapters.vendor_transport import VendorTransport
assert "litellm" not in sys.modules, "litellm is imported before it is asked for"
from vendor_prompts import KEY, profile, prompt
kinds = {"openai": "gpt-5-mini", "anthropic": "claude-sonnet-4-5", "mistral": "mistral-small-latest"}
kinds["gemini"] = "gemini-2.5-flash"
profiles = {name: profile(name, name, model) for name, model in kinds.items()}
vendor = LitellmVendor(profiles, VendorTransport(), {"VENDOR_KEY": KEY})
before = threading.active_count()
vendor.load()
bodies = [vendor.prepare(prompt(name, model), name).body for name, model in kinds.items()]

import os, litellm
assert all(bodies)
assert threading.active_count() == before, "a thread was started"
assert "PLANTED_BY_A_FILE" not in os.environ, "a .env file was read"
assert not [line for line in lines if "CLIENT_1" in line or "@" in line], "a prompt was logged"
logging.getLogger("LiteLLM").error("heard")
assert "heard" not in lines
for name in ("callbacks", "success_callback", "failure_callback", "input_callback", "service_callback"):
    assert not getattr(litellm, name), name
assert litellm.cache is None
"""


def test_importing_and_translating_use_no_network_log_or_thread(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PLANTED_BY_A_FILE=1\nLITELLM_LOG=DEBUG\n")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(TESTS)}
    ran = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS_OF_ITS_OWN],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


async def test_nothing_leaves_by_litellms_own_client(vendor_server: VendorServer) -> None:
    made = profile("openai", "openai", "gpt-4.1-mini", api_base=vendor_server.openai_base)
    vendor, budgeted = (
        LitellmVendor({made.name: made}, VendorTransport(), {"VENDOR_KEY": KEY}),
        prompt("openai", "gpt-4.1-mini"),
    )
    with respx.mock(assert_all_called=False) as every_httpx_client:
        completion = await vendor.send(recorded(vendor.prepare(budgeted, made.name), budgeted))
        assert every_httpx_client.calls.call_count == 0
    await vendor.close()
    assert completion.text
    assert len(vendor_server.bodies) == 1
