"""``serve --dev`` as a stranger finds it: a base URL, any key, any model's name."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import anthropic
import openai
import pytest

from e2e.gateway_process import COMMAND, ENVIRON, GatewayProcess, serving
from e2e.scripted_vendor import ScriptedVendor

pytestmark = pytest.mark.xdist_group("e2e")

ASKED = "Write to zephyrine@quillfeather.example, please."


@pytest.fixture(scope="module")
def open_gateway(vendor: ScriptedVendor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    with serving(vendor.url, tmp_path_factory.mktemp("open"), key=None) as running:
        yield running
        assert running.traces() == []


def test_openais_client_needs_a_base_url_and_nothing_else(open_gateway: GatewayProcess, vendor: ScriptedVendor) -> None:
    with openai.OpenAI(base_url=open_gateway.openai_base, api_key="sk-anything") as client:
        reply = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": ASKED}])
        counted = client.embeddings.create(model="text-embedding-3-small", input=ASKED)
    assert reply.choices[0].message.content == f"You said: {ASKED}"
    assert (vendor.received[-2].json["model"], vendor.last["model"]) == ("gpt-4o-mini", counted.model)
    assert vendor.received[-2].json["messages"][0]["content"] == "Write to <EMAIL_1>, please."


def test_anthropics_client_needs_a_base_url_and_nothing_else(
    open_gateway: GatewayProcess, vendor: ScriptedVendor
) -> None:
    with anthropic.Anthropic(base_url=open_gateway.base, api_key="anything") as client:
        said = client.messages.create(model="claude-x", max_tokens=9, messages=[{"role": "user", "content": ASKED}])
        beta = client.beta.messages.create(
            model="claude-x", max_tokens=9, messages=[{"role": "user", "content": ASKED}], betas=["some-beta"]
        )
    for reply in (said, beta):
        assert reply.content[0].type == "text"
        assert reply.content[0].text == f"You said: {ASKED}"
    assert vendor.last["model"] == "claude-x"
    assert "some-beta" not in vendor.received[-1].head.decode()


def test_what_it_is_stands_in_its_first_lines(
    open_gateway: GatewayProcess, gateway: GatewayProcess, vendor: ScriptedVendor
) -> None:
    first = open_gateway.log[:600]
    assert "FOR DEVELOPMENT ONLY" in first
    assert "no key is asked for" in first
    assert f"base_url={open_gateway.openai_base}" in first
    assert vendor.url in first
    assert "the given key is asked for" in gateway.log[:600]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--vendor-url", "http://127.0.0.1:9/v1", "--host", "0.0.0.0"],  # noqa: S104 - what is refused
        ["--vendor-url", "https://vendor.example/v1"],
    ],
)
def test_it_serves_nobody_elsewhere_and_sends_nothing_there(arguments: list[str], tmp_path: Path) -> None:
    command = [str(COMMAND), "serve", "--dev", *arguments]
    done = subprocess.run(command, env=ENVIRON, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "loopback" in done.stderr or "on this machine" in done.stderr
