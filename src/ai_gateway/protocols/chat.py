"""OpenAI's Chat Completions, as the public API reference describes it: what a request may hold."""

from ai_gateway.errors import RoutingRefused, ServerStateRefused
from ai_gateway.protocols.shape import (
    Array,
    Dropped,
    Either,
    JsonText,
    Loose,
    MapOf,
    Object,
    Plain,
    Refused,
    Shape,
    Text,
    Uninspected,
    Variant,
    Word,
)

_CACHE = Object({"type": Plain(frozenset({"ephemeral"})), "ttl": Plain(frozenset({"5m", "1h"}))})
_TEXT_PART = Object(
    {"type": Word(), "text": Text(), "cache_control": _CACHE, "prompt_cache_breakpoint": Dropped()}, frozenset({"text"})
)
_REFUSAL_PART = Object({"type": Word(), "refusal": Text()}, frozenset({"refusal"}))
_UNSEEN: dict[str, Shape] = {
    "image_url": Refused("images cannot be inspected", kind=Uninspected.IMAGES),
    "input_audio": Refused("audio cannot be inspected", kind=Uninspected.AUDIO),
    "file": Refused("files cannot be inspected", kind=Uninspected.FILES),
}
_TEXT_PARTS = Array(Variant("type", {"text": _TEXT_PART, **_UNSEEN}, default="text"))
_CONTENT = Either(string=Text(), array=_TEXT_PARTS)
_ASSISTANT_PARTS = Array(Variant("type", {"text": _TEXT_PART, "refusal": _REFUSAL_PART}, default="text"))

_FUNCTION_CALL = Object({"name": Word(), "arguments": JsonText()}, frozenset({"name", "arguments"}))
_TOOL_CALL = Variant(
    "type",
    {
        "function": Object(
            {"id": Word(), "type": Word(), "index": Plain(), "function": _FUNCTION_CALL}, frozenset({"id", "function"})
        ),
        "custom": Object(
            {"id": Word(), "type": Word(), "custom": Object({"name": Word(), "input": Text()}, frozenset({"name"}))},
            frozenset({"id", "custom"}),
        ),
    },
    default="function",
)

_NAMED: dict[str, Shape] = {"role": Word(), "name": Text(bare=True)}
_MESSAGE = Variant(
    "role",
    {
        "system": Object({**_NAMED, "content": _CONTENT}, frozenset({"content"}), role_from="role"),
        "developer": Object({**_NAMED, "content": _CONTENT}, frozenset({"content"}), role_from="role"),
        "user": Object({**_NAMED, "content": _CONTENT}, frozenset({"content"}), role_from="role"),
        "assistant": Object(
            {
                **_NAMED,
                "content": Either(string=Text(), array=_ASSISTANT_PARTS),
                "refusal": Text(),
                "reasoning_content": Text(),
                "reasoning": Text(),
                "tool_calls": Array(_TOOL_CALL),
                "function_call": _FUNCTION_CALL,
                "annotations": Array(Loose()),
                "audio": Refused("audio cannot be inspected", kind=Uninspected.AUDIO),
            },
            role_from="role",
        ),
        "tool": Object(
            {**_NAMED, "content": _CONTENT, "tool_call_id": Word()},
            frozenset({"content", "tool_call_id"}),
            role_from="role",
        ),
        "function": Object({"role": Word(), "name": Word(), "content": _CONTENT}, role_from="role"),
    },
)

_FUNCTION = Object(
    {
        "name": Word(),
        "description": Text("tool"),
        "parameters": Loose(),
        "strict": Plain(numbers=False),
    },
    frozenset({"name"}),
)
_GRAMMAR = Object({"syntax": Plain(frozenset({"lark", "regex"})), "definition": Text("tool")})
_CUSTOM = Object(
    {
        "name": Word(),
        "description": Text("tool"),
        "format": Object({"type": Plain(frozenset({"text", "grammar"})), "grammar": _GRAMMAR}),
    },
    frozenset({"name"}),
)
_TOOL = Variant(
    "type",
    {
        "function": Object({"type": Word(), "function": _FUNCTION, "cache_control": _CACHE}, frozenset({"function"})),
        "custom": Object({"type": Word(), "custom": _CUSTOM}, frozenset({"custom"})),
    },
)
_CHOICE_NAME = Object({"name": Word()}, frozenset({"name"}))
_ALLOWED = Object({"type": Word(), "function": _CHOICE_NAME, "custom": _CHOICE_NAME}, frozenset({"type"}))
_TOOL_CHOICE = Either(
    string=Plain(frozenset({"none", "auto", "required"})),
    object=Object(
        {
            "type": Plain(frozenset({"function", "custom", "allowed_tools"})),
            "function": _CHOICE_NAME,
            "custom": _CHOICE_NAME,
            "allowed_tools": Object({"mode": Plain(frozenset({"auto", "required"})), "tools": Array(_ALLOWED)}),
        },
        frozenset({"type"}),
    ),
)
_SCHEMA = Object(
    {"name": Word(), "description": Text("tool"), "schema": Loose(), "strict": Plain(numbers=False)},
    frozenset({"name"}),
)
_RESPONSE_FORMAT = Object(
    {"type": Plain(frozenset({"text", "json_object", "json_schema"})), "json_schema": _SCHEMA}, frozenset({"type"})
)

EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"})
TIERS = frozenset({"auto", "default", "flex", "priority", "scale", "fast", "ultrafast"})
_MODERATED = Object({"mode": Plain(frozenset({"score", "block"}))})
MODERATION = Object(
    {"model": Word(), "policy": Object({"input": _MODERATED, "output": _MODERATED})}, frozenset({"model"})
)
"""The vendor's own look at what it is sent anyway, and at its reply."""

ROUTING: dict[str, Shape] = {
    name: Refused("where and with whose credentials a request goes is the gateway's policy", RoutingRefused)
    for name in (
        "api_base",
        "api_key",
        "api_version",
        "base_url",
        "custom_llm_provider",
        "extra_body",
        "extra_headers",
        "extra_query",
        "fallbacks",
        "headers",
        "model_list",
        "organization",
        "project",
        "provider",
        "route",
        "models",
        "plugins",
    )
}

REQUEST = Object(
    {
        "model": Word(),
        "messages": Array(_MESSAGE),
        "tools": Array(_TOOL, 512),
        "functions": Array(_FUNCTION, 512),
        "tool_choice": _TOOL_CHOICE,
        "function_call": Either(string=Plain(frozenset({"none", "auto"})), object=_CHOICE_NAME),
        "parallel_tool_calls": Plain(numbers=False),
        "response_format": _RESPONSE_FORMAT,
        "stop": Either(string=Text("stop"), array=Array(Text("stop"), 16)),
        "prediction": Object({"type": Plain(frozenset({"content"})), "content": _CONTENT}, frozenset({"content"})),
        "temperature": Plain(flags=False),
        "top_p": Plain(flags=False),
        "top_k": Plain(flags=False),
        "min_p": Plain(flags=False),
        "top_a": Plain(flags=False),
        "min_tokens": Plain(flags=False),
        "repetition_penalty": Plain(flags=False),
        "n": Plain(flags=False),
        "seed": Plain(flags=False),
        "max_tokens": Plain(flags=False),
        "max_completion_tokens": Plain(flags=False),
        "frequency_penalty": Plain(flags=False),
        "presence_penalty": Plain(flags=False),
        "logit_bias": MapOf(Plain(flags=False)),
        "logprobs": Plain(numbers=False),
        "top_logprobs": Plain(flags=False),
        "stream": Plain(numbers=False),
        "stream_options": Object({"include_usage": Plain(numbers=False), "include_obfuscation": Plain(numbers=False)}),
        "reasoning_effort": Plain(EFFORTS),
        "verbosity": Plain(frozenset({"low", "medium", "high"})),
        "service_tier": Plain(TIERS),
        "modalities": Array(Plain(frozenset({"text"}), numbers=False, flags=False)),
        "user": Dropped(),
        "safety_identifier": Dropped(),
        "prompt_cache_key": Dropped(),
        "prompt_cache_retention": Dropped(),
        "prompt_cache_options": Dropped(),
        "moderation": MODERATION,
        "metadata": Dropped(),
        "store": Refused("the vendor may not store completions", ServerStateRefused, unless=(False,)),
        "audio": Refused("audio cannot be inspected"),
        "web_search_options": Refused("the vendor's own tools cannot be inspected"),
        **ROUTING,
    },
    frozenset({"model", "messages"}),
)
