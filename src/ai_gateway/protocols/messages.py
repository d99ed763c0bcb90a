"""Anthropic's Messages, as the public API reference describes it: what a request may hold."""

from ai_gateway.errors import ServerStateRefused
from ai_gateway.protocols.chat import ROUTING
from ai_gateway.protocols.shape import (
    Array,
    Dropped,
    Either,
    Loose,
    Object,
    Opaque,
    Plain,
    Refused,
    Shape,
    Text,
    Uninspected,
    Variant,
    Word,
)

_CACHE = Object({"type": Plain(frozenset({"ephemeral"})), "ttl": Plain(frozenset({"5m", "1h"}))})
_TYPE: dict[str, Shape] = {"type": Word(), "cache_control": _CACHE}
_TEXT = Object(
    {**_TYPE, "text": Text(), "citations": Array(Loose())},
    frozenset({"text"}),
)
_TEXTS = Array(Variant("type", {"text": _TEXT}))
_RESULT = Object(
    {
        **_TYPE,
        "tool_use_id": Word(),
        "content": Either(string=Text("tool"), array=_TEXTS),
        "is_error": Plain(numbers=False),
    },
    frozenset({"tool_use_id"}),
)
_IMAGE = Refused("images cannot be inspected", kind=Uninspected.IMAGES)
_FILE = Refused("documents and files cannot be inspected, unless they are text", kind=Uninspected.FILES)
_CITED = Object({"enabled": Plain(numbers=False)})
_OF_DOCUMENT: dict[str, Shape] = {**_TYPE, "title": Text(), "context": Text()}
_DOCUMENT = Object(
    {
        **_OF_DOCUMENT,
        "source": Variant(
            "type",
            {
                "text": Object({"type": Word(), "media_type": Word(), "data": Text()}, frozenset({"data"})),
                "content": Object(
                    {"type": Word(), "content": Either(string=Text(), array=_TEXTS)}, frozenset({"content"})
                ),
                "base64": _FILE,
                "url": _FILE,
                "file": _FILE,
            },
        ),
        # A vendor cites a plain text by places in it, and knows only those of the treated one.
        "citations": Refused("places in a text as it was treated say nothing", unless=({"enabled": False},)),
    },
    frozenset({"source"}),
)
_SEARCH_RESULT = Object(
    {**_TYPE, "source": Text(), "title": Text(), "content": _TEXTS, "citations": _CITED},
    frozenset({"source", "title", "content"}),
)
_CALLER = Object({"type": Word()})
_BLOCKS: dict[str, Shape] = {
    "text": _TEXT,
    "tool_use": Object(
        {
            **_TYPE,
            "id": Word(),
            "name": Word(),
            "input": Loose(),
            "caller": _CALLER,
            "toolset_name": Word(nullable=True),
        },
        frozenset({"id", "name", "input"}),
    ),
    "tool_result": _RESULT,
    # A thinking block's signature covers its exact text: it is passed as the vendor gave it, so it must hold
    # no identifier; restored thinking is treated again here, and the same pseudonyms give the same text.
    "thinking": Object({"type": Word(), "thinking": Text(), "signature": Opaque()}, frozenset({"thinking"})),
    "redacted_thinking": Refused("encrypted thinking cannot be inspected", kind=Uninspected.ENCRYPTED_REASONING),
    "image": _IMAGE,
    "document": _DOCUMENT,
    "container_upload": _FILE,
    "search_result": _SEARCH_RESULT,
}
_MESSAGE = Object(
    {
        "role": Plain(frozenset({"user", "assistant", "system"}), numbers=False, flags=False),
        "content": Either(string=Text(), array=Array(Variant("type", _BLOCKS))),
    },
    frozenset({"role", "content"}),
    role_from="role",
)
_TOOL = Variant(
    "type",
    {
        "custom": Object(
            {
                **_TYPE,
                "name": Word(),
                "description": Text("tool"),
                "input_schema": Loose(),
                "input_examples": Array(Loose()),
                "strict": Plain(numbers=False),
                "defer_loading": Plain(numbers=False),
                "eager_input_streaming": Plain(numbers=False),
                # A program of the vendor's that calls tools cannot be inspected: the model alone may.
                "allowed_callers": Array(Plain(frozenset({"direct"}))),
            },
            frozenset({"name", "input_schema"}),
        )
    },
    default="custom",
)
_FORMAT = Object({"type": Plain(frozenset({"json_schema"})), "schema": Loose()})
_STATE = Refused("the vendor may not keep or recall content", ServerStateRefused)
_SHARED: dict[str, Shape] = {
    "model": Word(),
    "messages": Array(_MESSAGE),
    "system": Either(string=Text("system"), array=_TEXTS),
    "tools": Array(_TOOL, 512),
    "tool_choice": Object(
        {
            "type": Plain(frozenset({"auto", "any", "tool", "none"})),
            "name": Word(),
            "disable_parallel_tool_use": Plain(numbers=False),
        },
        frozenset({"type"}),
    ),
    "thinking": Object(
        {
            "type": Plain(frozenset({"enabled", "disabled", "adaptive", "between_tools"})),
            "budget_tokens": Plain(flags=False),
            "display": Plain(frozenset({"summarized", "omitted"})),
        },
        frozenset({"type"}),
    ),
    "cache_control": _CACHE,
    "output_config": Object({"effort": Plain(frozenset({"low", "medium", "high", "xhigh", "max"})), "format": _FORMAT}),
    "output_format": _FORMAT,
    "speed": Plain(frozenset({"standard", "fast"})),
    "mcp_servers": Refused("the vendor's own tools cannot be inspected", unless=([],)),
    "container": _STATE,
    "context_management": _STATE,
    "compaction": _STATE,
    "diagnostics": _STATE,
    "thread": _STATE,
    **ROUTING,
}

REQUEST = Object(
    {
        **_SHARED,
        "max_tokens": Plain(flags=False),
        "metadata": Dropped(),
        "stop_sequences": Array(Text("stop"), 16),
        "stream": Plain(numbers=False),
        "temperature": Plain(flags=False),
        "top_p": Plain(flags=False),
        "top_k": Plain(flags=False),
        "service_tier": Plain(frozenset({"auto", "standard_only"})),
        "inference_geo": Word(),
    },
    frozenset({"model", "messages", "max_tokens"}),
)
COUNT_TOKENS = Object(_SHARED, frozenset({"model", "messages"}))
