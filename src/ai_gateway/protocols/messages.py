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
    Variant,
    Word,
)

_CACHE = Either(
    object=Object({"type": Plain(frozenset({"ephemeral"})), "ttl": Plain(frozenset({"5m", "1h"}))}),
    scalar=Plain(numbers=False, flags=False),
)
_TYPE: dict[str, Shape] = {"type": Word(), "cache_control": _CACHE}
_TEXT = Object(
    {**_TYPE, "text": Text(), "citations": Either(array=Array(Loose()), scalar=Plain(numbers=False, flags=False))},
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
_SEEN_BY_NOBODY = Refused("images, documents and files cannot be inspected")
_BLOCKS: dict[str, Shape] = {
    "text": _TEXT,
    "tool_use": Object({**_TYPE, "id": Word(), "name": Word(), "input": Loose()}, frozenset({"id", "name", "input"})),
    "tool_result": _RESULT,
    # A thinking block's signature covers its exact text: it is passed as the vendor gave it, so it must hold
    # no identifier; restored thinking is treated again here, and the same pseudonyms give the same text.
    "thinking": Object({"type": Word(), "thinking": Text(), "signature": Opaque()}, frozenset({"thinking"})),
    "redacted_thinking": Refused("encrypted thinking cannot be inspected"),
    "image": _SEEN_BY_NOBODY,
    "document": _SEEN_BY_NOBODY,
    "container_upload": _SEEN_BY_NOBODY,
    "search_result": _SEEN_BY_NOBODY,
}
_MESSAGE = Object(
    {
        "role": Plain(frozenset({"user", "assistant"}), numbers=False, flags=False),
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
                "strict": Plain(numbers=False),
            },
            frozenset({"name", "input_schema"}),
        )
    },
    default="custom",
)
_STATE = Refused("the vendor may not keep or recall content", ServerStateRefused, unless=(None,))
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
            "type": Plain(frozenset({"enabled", "disabled", "adaptive"})),
            "budget_tokens": Plain(flags=False),
            "display": Plain(frozenset({"summarized", "omitted"})),
        },
        frozenset({"type"}),
    ),
    "mcp_servers": Refused("the vendor's own tools cannot be inspected", unless=(None, [])),
    "container": _STATE,
    "context_management": _STATE,
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
        "output_config": Object(
            {
                "effort": Plain(frozenset({"low", "medium", "high", "xhigh", "max"})),
                "format": Object({"type": Plain(frozenset({"json_schema"})), "schema": Loose()}),
            }
        ),
    },
    frozenset({"model", "messages", "max_tokens"}),
)
COUNT_TOKENS = Object(_SHARED, frozenset({"model", "messages"}))
