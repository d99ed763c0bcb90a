"""The three protocols vendors speak: where a request goes, which headers it has, what its body may hold.

Sources: OpenAI's *Create chat completion*, Anthropic's *Create a Message* (API version 2023-06-01) and Google's
*models.generateContent* reference pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import quote, urlsplit

from ai_gateway.adapters.vendor_shapes import COUNT, FLAG, NUMBER, TEXT, Many, Record, Shape
from ai_gateway.protocols.protocol import Protocol as Exchanged
from ai_gateway.protocols.protocol import Speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """``address`` makes the URL of a base and a model; ``credential`` the header that carries the key.

    ``stream_address`` and ``streams`` are the same for a reply in pieces: the URL, and what the body says besides.

    ``exchanges`` are the protocols that clients may speak to it through the gateway, with what the URL of each has
    after the base's ``root``.

    ``no_store`` are the body fields with which a vendor's profile may forbid keeping; ``left_out_beside`` maps a
    setting to another one that it may not stand beside.
    """

    name: Speech
    address: Callable[[str, str], str]
    stream_address: Callable[[str, str], str]
    streams: Mapping[str, object]
    credential: Callable[[str], tuple[str, str]]
    headers: Mapping[str, str]
    body: Record
    no_store: frozenset[str] = frozenset()
    left_out_beside: Mapping[str, str] = field(default_factory=dict[str, str])
    root: Callable[[str], str] = str
    exchanges: Mapping[Exchanged, str] = field(default_factory=dict[Exchanged, str])


COMMON_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "content-type": "application/json",
        "accept": "application/json",
        # A reply that is not compressed needs no bound on what it grows to.
        "accept-encoding": "identity",
        "user-agent": "ai-gateway",
    }
)


def _openai_root(base: str) -> str:
    # A base of a host alone is one that lacks the version; any other path is taken as it is.
    return base if urlsplit(base).path else f"{base}/v1"


def _anthropic_root(base: str) -> str:
    return base if base.endswith("/v1") else f"{base}/v1"


def _chat_completions(base: str, _model: str) -> str:
    return f"{_openai_root(base)}/chat/completions"


def _messages(base: str, _model: str) -> str:
    return f"{_anthropic_root(base)}/messages"


def _generate_content(base: str, model: str) -> str:
    return f"{_gemini_model(base, model)}:generateContent"


def _stream_generate_content(base: str, model: str) -> str:
    return f"{_gemini_model(base, model)}:streamGenerateContent?alt=sse"


def _gemini_model(base: str, model: str) -> str:
    versioned = base if base.rsplit("/", 1)[-1].startswith("v1") else f"{base}/v1beta"
    return f"{versioned}/models/{quote(model, safe='')}"


def _bearer(key: str) -> tuple[str, str]:
    return "authorization", f"Bearer {key}"


def _anthropic_key(key: str) -> tuple[str, str]:
    return "x-api-key", key


def _google_key(key: str) -> tuple[str, str]:
    # Never ``?key=``: a URL ends up in access logs.
    return "x-goog-api-key", key


_SAMPLING: Mapping[str, Shape] = {"temperature": NUMBER, "top_p": NUMBER, "seed": COUNT, "random_seed": COUNT}
_TEXT_BLOCK = Record(required={"type": TEXT, "text": TEXT})
_PARTS = Many(Record(required={"text": TEXT}))

_OPENAI_BODY = Record(
    required={"model": TEXT, "messages": Many(Record(required={"role": TEXT, "content": TEXT}))},
    optional={
        **_SAMPLING,
        "max_tokens": COUNT,
        "max_completion_tokens": COUNT,
        "frequency_penalty": NUMBER,
        "presence_penalty": NUMBER,
        "store": FLAG,
    },
)
_ANTHROPIC_BODY = Record(
    required={
        "model": TEXT,
        "max_tokens": COUNT,
        "messages": Many(Record(required={"role": TEXT, "content": Many(_TEXT_BLOCK)})),
    },
    optional={"system": Many(_TEXT_BLOCK), "temperature": NUMBER, "top_p": NUMBER, "top_k": COUNT},
)
_GEMINI_BODY = Record(
    required={"contents": Many(Record(required={"role": TEXT, "parts": _PARTS}))},
    optional={
        "system_instruction": Record(required={"parts": _PARTS}),
        "generationConfig": Record(
            required={},
            optional={
                "max_output_tokens": COUNT,
                "temperature": NUMBER,
                "top_p": NUMBER,
                "top_k": COUNT,
                "seed": COUNT,
                "frequency_penalty": NUMBER,
                "presence_penalty": NUMBER,
            },
        ),
    },
)

_STREAM: dict[str, object] = {"stream": True}

OPENAI = Protocol(
    name=Speech.OPENAI,
    address=_chat_completions,
    stream_address=_chat_completions,
    streams=_STREAM | {"stream_options": {"include_usage": True}},
    credential=_bearer,
    headers=COMMON_HEADERS,
    body=_OPENAI_BODY,
    no_store=frozenset({"store"}),
    root=_openai_root,
    exchanges=MappingProxyType(
        {
            Exchanged.CHAT: "/chat/completions",
            Exchanged.RESPONSES: "/responses",
            Exchanged.EMBEDDINGS: "/embeddings",
        }
    ),
)
MISTRAL = Protocol(
    name=Speech.OPENAI,
    address=_chat_completions,
    stream_address=_chat_completions,
    streams=_STREAM,
    credential=_bearer,
    headers=COMMON_HEADERS,
    body=_OPENAI_BODY,
    root=_openai_root,
    exchanges=MappingProxyType({Exchanged.CHAT: "/chat/completions", Exchanged.EMBEDDINGS: "/embeddings"}),
)
ANTHROPIC = Protocol(
    name=Speech.ANTHROPIC,
    address=_messages,
    stream_address=_messages,
    streams=_STREAM,
    credential=_anthropic_key,
    headers=MappingProxyType({**COMMON_HEADERS, "anthropic-version": "2023-06-01"}),
    body=_ANTHROPIC_BODY,
    left_out_beside=MappingProxyType({"top_p": "temperature"}),  # models from Claude 4.1 on refuse the two together
    root=_anthropic_root,
    exchanges=MappingProxyType({Exchanged.MESSAGES: "/messages", Exchanged.COUNT_TOKENS: "/messages/count_tokens"}),
)
GEMINI = Protocol(
    name=Speech.GEMINI,
    address=_generate_content,
    stream_address=_stream_generate_content,
    streams={},
    credential=_google_key,
    headers=COMMON_HEADERS,
    body=_GEMINI_BODY,
)

PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(
    {"openai": OPENAI, "anthropic": ANTHROPIC, "mistral": MISTRAL, "gemini": GEMINI}
)
"""By ``VendorProfile.provider``, which is litellm's name for it."""

DEFAULT_BASES: Mapping[str, str] = MappingProxyType(
    {
        "openai": "https://api.openai.com/v1",
        "anthropic": "https://api.anthropic.com",
        "mistral": "https://api.mistral.ai/v1",
        "gemini": "https://generativelanguage.googleapis.com/v1beta",
    }
)
