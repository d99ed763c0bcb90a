"""The vendor door, for every kind of vendor that is shipped: what is sent, and that litellm still translates so."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
import pytest

from ai_gateway.adapters.litellm_vendor import LitellmVendor
from ai_gateway.adapters.vendor_transport import VendorTransport
from ai_gateway.errors import VendorError, VendorUnconfigured
from ai_gateway.model import Message, VendorName
from ai_gateway.standin import Step
from builders_policies import shipped
from vendor_prompts import KEY, MESSAGES, profile, prompt, recorded
from vendor_server import VendorServer

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("litellm")]

SYSTEM, USER = (message.content for message in MESSAGES)
ALLOWED_HEADERS = {
    "content-type",
    "accept",
    "accept-encoding",
    "user-agent",
    "authorization",
    "x-api-key",
    "anthropic-version",
    "x-goog-api-key",
}
ADDED_BY_TRANSPORT = {"host", "content-length"}
CHAT = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One vendor as shipped: what its profile says, and the request that has to come of it."""

    name: str
    provider: str
    model: str
    url: str
    body: Mapping[str, object]
    credential: tuple[str, str] | None = ("authorization", f"Bearer {KEY}")
    api_base: str | None = None
    no_store: Mapping[str, bool | str] = field(default_factory=dict)
    path: str = "/v1/chat/completions"
    local_base: str = "/v1"
    reply: Mapping[str, object] | None = None

    def vendor(self, base: str | None = None, timeout_seconds: float = 10.0) -> LitellmVendor:
        made = profile(
            self.name,
            self.provider,
            self.model,
            api_base=self.api_base if base is None else base + self.local_base,
            no_store=self.no_store,
            credential_env=None if self.credential is None else "VENDOR_KEY",
            timeout_seconds=timeout_seconds,
        )
        return LitellmVendor({made.name: made}, VendorTransport(), {"VENDOR_KEY": KEY})

    @property
    def vendor_name(self) -> VendorName:
        return VendorName(self.name)


GEMINI_REPLY = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "Done."}]}, "finishReason": "STOP", "index": 0}],
    "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 3, "totalTokenCount": 14},
    "modelVersion": "gemini-2.5-flash",
    "responseId": "g-1",
}

KINDS = (
    Kind(
        name="openai",
        provider="openai",
        model="gpt-4.1-mini",
        url="https://api.openai.com/v1/chat/completions",
        no_store={"store": False},
        body={"model": "gpt-4.1-mini", "messages": CHAT, "temperature": 0.3, "max_tokens": 400, "store": False},
    ),
    Kind(
        name="openai_reasoning",
        provider="openai",
        model="gpt-5-mini",
        url="https://api.openai.com/v1/chat/completions",
        no_store={"store": False},
        body={"model": "gpt-5-mini", "messages": CHAT, "max_completion_tokens": 400, "store": False},
    ),
    Kind(
        name="anthropic",
        provider="anthropic",
        model="claude-sonnet-4-5",
        url="https://api.anthropic.com/v1/messages",
        credential=("x-api-key", KEY),
        path="/v1/messages",
        body={
            "model": "claude-sonnet-4-5",
            "system": [{"type": "text", "text": SYSTEM}],
            "messages": [{"role": "user", "content": [{"type": "text", "text": USER}]}],
            "temperature": 0.3,
            "max_tokens": 400,
        },
    ),
    Kind(
        name="mistral",
        provider="mistral",
        model="mistral-small-latest",
        url="https://api.mistral.ai/v1/chat/completions",
        body={"model": "mistral-small-latest", "messages": CHAT, "temperature": 0.3, "max_tokens": 400},
    ),
    Kind(
        name="gemini",
        provider="gemini",
        model="gemini-2.5-flash",
        url="https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
        credential=("x-goog-api-key", KEY),
        path="/v1beta/models/gemini-2.5-flash:generateContent",
        local_base="/v1beta",
        reply=GEMINI_REPLY,
        body={
            "system_instruction": {"parts": [{"text": SYSTEM}]},
            "contents": [{"role": "user", "parts": [{"text": USER}]}],
            "generationConfig": {"temperature": 0.3, "max_output_tokens": 400},
        },
    ),
    Kind(
        name="self_hosted",
        provider="openai",
        model="org/llama-3.3-70b",
        api_base="https://models.example/v1",
        url="https://models.example/v1/chat/completions",
        body={"model": "org/llama-3.3-70b", "messages": CHAT, "temperature": 0.3, "max_tokens": 400},
    ),
    Kind(
        name="standin",
        provider="openai",
        model="standin-small",
        api_base="http://127.0.0.1:9101/v1",
        url="http://127.0.0.1:9101/v1/chat/completions",
        credential=None,
        body={"model": "standin-small", "messages": CHAT, "temperature": 0.3, "max_tokens": 400},
    ),
)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@every_kind
def test_a_prompt_becomes_exactly_the_documented_request(kind: Kind) -> None:
    outbound = kind.vendor().prepare(prompt(kind.name, kind.model), kind.vendor_name)
    assert (outbound.method, outbound.url) == ("POST", kind.url)
    assert orjson.loads(outbound.body) == kind.body
    assert set(outbound.headers) <= ALLOWED_HEADERS
    sent_credentials = {
        name: value
        for name, value in outbound.headers.items()
        if name in ("authorization", "x-api-key", "x-goog-api-key")
    }
    assert sent_credentials == (dict([kind.credential]) if kind.credential else {})


@every_kind
def test_preparing_twice_gives_the_same_bytes_and_leaves_the_prompt_as_it_was(kind: Kind) -> None:
    vendor, budgeted = kind.vendor(), prompt(kind.name, kind.model)
    first = vendor.prepare(budgeted, kind.vendor_name)
    assert vendor.prepare(budgeted, kind.vendor_name) == first
    assert budgeted == prompt(kind.name, kind.model)


@every_kind
def test_the_processes_own_environment_changes_nothing(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = kind.vendor().prepare(prompt(kind.name, kind.model), kind.vendor_name)
    for name in ("OPENAI", "ANTHROPIC", "MISTRAL", "GEMINI", "GOOGLE"):
        monkeypatch.setenv(f"{name}_API_KEY", "another-key")
        monkeypatch.setenv(f"{name}_API_BASE", "https://elsewhere.example/v1")
        monkeypatch.setenv(f"{name}_BASE_URL", "https://elsewhere.example/v1")
    assert kind.vendor().prepare(prompt(kind.name, kind.model), kind.vendor_name) == plain


@every_kind
async def test_the_vendor_receives_exactly_the_prepared_bytes_once(kind: Kind, vendor_server: VendorServer) -> None:
    if kind.reply is not None:
        vendor_server.script(Step(body=orjson.dumps(kind.reply)))
    vendor, budgeted = kind.vendor(vendor_server.url), prompt(kind.name, kind.model)
    outbound = vendor.prepare(budgeted, kind.vendor_name)
    completion = await vendor.send(recorded(outbound, budgeted))
    await vendor.close()
    assert vendor_server.bodies == [outbound.body]
    assert vendor_server.last.target == kind.path
    received = dict(vendor_server.last.headers)
    assert set(received) == set(outbound.headers) | ADDED_BY_TRANSPORT
    assert {name: received[name] for name in outbound.headers} == dict(outbound.headers)
    assert completion.text
    assert completion.finish_reason == "stop"
    assert completion.attempts == 1
    assert completion.model == kind.model
    assert completion.vendor_response_id
    assert (completion.input_tokens or 0) > 0
    assert (completion.output_tokens or 0) > 0


@every_kind
@pytest.mark.parametrize("model", ["a-model-nobody-knows", "vendor/another:latest"])
def test_a_model_that_litellm_does_not_know_is_translated_too(kind: Kind, model: str) -> None:
    outbound = kind.vendor().prepare(prompt(kind.name, model), kind.vendor_name)
    texts = outbound.body.decode()
    assert all(orjson.dumps(text).decode() in texts for text in (SYSTEM, USER))


@every_kind
def test_a_conversation_keeps_its_turns_and_their_order(kind: Kind) -> None:
    turns = (
        Message(role="system", content="Be brief."),
        Message(role="user", content="one"),
        Message(role="assistant", content="two"),
        Message(role="user", content="three"),
    )
    body = kind.vendor().prepare(prompt(kind.name, kind.model, messages=turns), kind.vendor_name).body
    places = [body.index(orjson.dumps(turn.content)) for turn in turns[1:]]
    assert places == sorted(places)


@every_kind
def test_a_setting_that_no_vendor_is_sent_is_refused(kind: Kind) -> None:
    with pytest.raises(VendorError, match="settings no vendor is sent"):
        kind.vendor().prepare(prompt(kind.name, kind.model, config={"user": 1}), kind.vendor_name)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.credential], ids=lambda kind: kind.name)
def test_without_its_key_a_vendor_is_unconfigured_and_says_which_variable_to_set(kind: Kind) -> None:
    made = profile(kind.name, kind.provider, kind.model, api_base=kind.api_base)
    vendor = LitellmVendor({made.name: made}, VendorTransport(), {"VENDOR_KEY": "  "})
    assert "VENDOR_KEY" in (vendor.missing(made.name) or "")
    with pytest.raises(VendorUnconfigured, match="VENDOR_KEY"):
        vendor.prepare(prompt(kind.name, kind.model), made.name)


SETTINGS = {"temperature": 0.5, "top_p": 0.9, "seed": 7, "frequency_penalty": 0.1, "presence_penalty": -0.1}
TAKEN = {
    "openai": SETTINGS,
    "openai_reasoning": {"seed": 7},
    "anthropic": {"temperature": 0.5},
    "mistral": {"temperature": 0.5, "top_p": 0.9, "random_seed": 7},
    "gemini": SETTINGS,
    "self_hosted": SETTINGS,
    "standin": SETTINGS,
}


@every_kind
def test_each_setting_is_sent_as_its_vendor_knows_it_or_left_out(kind: Kind) -> None:
    body = kind.vendor().prepare(prompt(kind.name, kind.model, config=SETTINGS), kind.vendor_name).body
    sent = orjson.loads(body)
    flat = {**sent, **sent.get("generationConfig", {})}
    settings = {name: value for name, value in flat.items() if name in {*SETTINGS, "random_seed"}}
    assert settings == TAKEN[kind.name]


async def test_every_model_of_every_shipped_vendor_has_a_request_that_arrives(vendor_server: VendorServer) -> None:
    environ = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY", "GEMINI_API_KEY"), KEY)
    environ |= {"AI_GATEWAY_SELF_HOSTED_KEY": KEY, "AI_GATEWAY_SELF_HOSTED_URL": "https://models.example/v1"}
    vendors = shipped().vendors
    vendor = LitellmVendor(vendors, VendorTransport(), {**environ, "AI_GATEWAY_STANDIN_URL": vendor_server.url})
    vendor.load()
    assert {kind.provider for kind in KINDS} == {made.provider for made in vendors.values()}
    for name, made in vendors.items():
        assert vendor.missing(name) is None
        for model in made.models:
            outbound = vendor.prepare(prompt(name, model), name)
            sent = orjson.loads(outbound.body)
            assert {key: sent[key] for key in made.no_store} == made.no_store
            assert outbound.url.startswith(made.api_base or ("https://models.example/v1", vendor_server.url))
    budgeted = prompt("standin", "standin-1")
    assert (await vendor.send(recorded(vendor.prepare(budgeted, VendorName("standin")), budgeted))).text
    await vendor.close()
