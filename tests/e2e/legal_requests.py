"""Requests that the vendors' references allow, one unusual thing each: nothing personal in them, nothing hidden."""

from collections.abc import Iterator
from typing import Any

Body = dict[str, Any]
USER: list[Body] = [{"role": "user", "content": "Write a haiku"}]
SCHEMA: Body = {
    "type": "object",
    "properties": {"a": {"type": ["string", "null"], "pattern": "^a$", "minLength": 1}, "b": {"$ref": "#/$defs/b"}},
    "$defs": {"b": {"anyOf": [{"const": 3}, {"enum": ["x", "y"]}]}},
    "required": ["a"],
    "additionalProperties": False,
}
FUNCTION: Body = {"name": "look_up", "description": "Finds it", "parameters": SCHEMA, "strict": True}
TOOL: Body = {"type": "function", "function": FUNCTION}
CALL: Body = {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": '{"a": "x"}'}}
CACHED = {"type": "ephemeral", "ttl": "1h"}

MODERATION: Body = {
    "model": "omni-moderation-latest",
    "policy": {"input": {"mode": "score"}, "output": {"mode": "block"}},
}
_CHAT: list[Body] = [
    {},
    *({"n": n} for n in (1, 3, None)),
    {"logprobs": True, "top_logprobs": 3},
    *({"response_format": {"type": kind}} for kind in ("text", "json_object")),
    {"response_format": {"type": "json_schema", "json_schema": {"name": "out", "schema": SCHEMA, "strict": True}}},
    {"response_format": {"type": "json_schema", "json_schema": {"name": "out", "description": None, "schema": {}}}},
    {"tools": [TOOL]},
    {"tools": []},
    {"tools": None, "tool_choice": None, "parallel_tool_calls": None},
    {"tools": [{"type": "function", "function": {"name": "f", "description": None, "parameters": None}}]},
    *({"tools": [TOOL], "tool_choice": choice} for choice in ("auto", "none", "required")),
    {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "look_up"}}},
    {
        "tools": [TOOL],
        "tool_choice": {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "look_up"}}]},
        },
    },
    {"tools": [TOOL], "parallel_tool_calls": False},
    {"tools": [{"type": "custom", "custom": {"name": "g", "description": "d", "format": {"type": "text"}}}]},
    {
        "tools": [
            {
                "type": "custom",
                "custom": {
                    "name": "g",
                    "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}},
                },
            }
        ]
    },
    {"functions": [FUNCTION | {"strict": None}], "function_call": "auto"},
    {"functions": [{"name": "f"}], "function_call": {"name": "f"}},
    {"messages": [{"role": "developer", "content": "Be brief"}, *USER]},
    {"messages": [{"role": "system", "content": [{"type": "text", "text": "Be brief"}]}, *USER]},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "cache_control": CACHED}]}]},
    {"messages": [{"role": "user", "name": "reviewer", "content": "a"}]},
    {"messages": [{"role": "user", "name": None, "content": ""}]},
    {"messages": [*USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}, *USER]},
    {
        "messages": [
            *USER,
            {"role": "assistant", "tool_calls": [CALL, {**CALL, "id": "call_2"}]},
            {"role": "tool", "tool_call_id": "call_1", "content": '{"found": [1, 2]}'},
            {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "none"}]},
        ]
    },
    {"messages": [*USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}, *USER]},
    {"messages": [*USER, {"role": "assistant", "content": None, "refusal": "no"}, *USER]},
    {
        "messages": [
            *USER,
            {"role": "assistant", "content": "x", "refusal": None, "tool_calls": None, "annotations": []},
            *USER,
        ]
    },
    {"messages": [*USER, {"role": "assistant", "content": "x", "reasoning_content": "y"}, *USER]},
    {"messages": [*USER, {"role": "function", "name": "f", "content": "ok"}]},
    {"metadata": {"run": "7"}},
    {"seed": 7},
    *({"stop": stop} for stop in ("END", ["END", "\n\n"], None)),
    {"max_tokens": 5},
    {"max_completion_tokens": 5, "max_tokens": None},
    *({"reasoning_effort": effort} for effort in ("none", "minimal", "low", "medium", "high", "xhigh", "max", None)),
    *({"service_tier": tier} for tier in ("auto", "default", "flex", "priority", "fast", "ultrafast", None)),
    *({"moderation": moderation} for moderation in (MODERATION, {"model": "omni-moderation-latest"}, None)),
    {"prompt_cache_options": {"mode": "explicit", "ttl": "30m"}},
    *({"verbosity": verbosity} for verbosity in ("low", "medium", "high")),
    {"user": "someone", "safety_identifier": "h", "prompt_cache_key": "k", "prompt_cache_retention": "24h"},
    *({"store": store} for store in (False, None)),
    {"modalities": ["text"]},
    {"prediction": {"type": "content", "content": [{"type": "text", "text": "def f():"}]}},
    {"temperature": 0, "top_p": 1.0, "frequency_penalty": -0.5, "presence_penalty": 2},
    {"top_k": 5, "min_p": 0.1, "repetition_penalty": 1.1},
    {"logit_bias": {"50256": -100}},
    {"audio": None, "web_search_options": None, "organization": None},
    {"stream": False, "stream_options": None},
]
_MESSAGES: list[Body] = [
    {},
    {"system": "Be brief"},
    {"system": [{"type": "text", "text": "Be brief", "cache_control": CACHED}, {"type": "text", "text": "Please"}]},
    {"system": [{"type": "text", "text": "Be brief", "cache_control": None, "citations": None}]},
    *({"stop_sequences": stop} for stop in (["END"], [], None)),
    {"metadata": {"user_id": "someone"}},
    {"temperature": 1.0, "top_k": 5, "top_p": 0.9},
    {"messages": [*USER, {"role": "system", "content": "Be brief from here on"}, *USER]},
    {"thinking": {"type": "between_tools"}},
    {
        "tools": [
            {
                "name": "f",
                "input_schema": {"type": "object"},
                "allowed_callers": ["direct"],
                "defer_loading": True,
                "eager_input_streaming": None,
            }
        ]
    },
    *({"thinking": thinking} for thinking in ({"type": "enabled", "budget_tokens": 1024}, {"type": "disabled"})),
    {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}},
    {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    *({"service_tier": tier} for tier in ("auto", "standard_only")),
    {"cache_control": CACHED, "container": None, "context_management": None, "mcp_servers": [], "thread": None},
    {"tools": [{"name": "look_up", "description": "Finds it", "input_schema": SCHEMA, "cache_control": CACHED}]},
    {"tools": [{"type": "custom", "name": "f", "input_schema": {"type": "object"}, "input_examples": [{"a": "x"}]}]},
    {"tools": [{"type": None, "name": "f", "input_schema": {"type": "object"}, "strict": True}]},
    *(
        {"tools": [{"name": "f", "input_schema": {"type": "object"}}], "tool_choice": choice}
        for choice in (
            {"type": "auto"},
            {"type": "any", "disable_parallel_tool_use": True},
            {"type": "tool", "name": "f"},
            {"type": "none"},
        )
    ),
    *(
        {
            "messages": [
                *USER,
                {
                    "role": "assistant",
                    "content": [{"type": "tool_use", "id": "t_1", "name": "f", "input": {"a": [1, None]}}],
                },
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t_1", **result}]},
            ]
        }
        for result in (
            {},
            {"content": "found"},
            {"content": [{"type": "text", "text": "found"}], "is_error": True, "cache_control": CACHED},
        )
    ),
    {
        "messages": [
            *USER,
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm", "signature": "EqQB+/=="},
                    {"type": "text", "text": "So", "citations": None},
                ],
            },
            *USER,
        ]
    },
    {"messages": [*USER, {"role": "assistant", "content": "An old silent"}]},
    *(
        {"messages": [{"role": "user", "content": [{"type": "document", "title": "T", "source": source}]}]}
        for source in (
            {"type": "text", "media_type": "text/plain", "data": "Some text"},
            {"type": "content", "content": [{"type": "text", "text": "Some text"}]},
        )
    ),
    {
        "messages": [
            {
                "role": "user",
                "content": [
                    {
                        "type": "search_result",
                        "source": "manual",
                        "title": "T",
                        "content": [{"type": "text", "text": "Some text"}],
                        "citations": {"enabled": True},
                    }
                ],
            }
        ]
    },
]
_ITEMS: list[list[Body]] = [
    USER,
    [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "x"}]}],
    [
        *USER,
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "phase": "final_answer",
            "content": [{"type": "output_text", "text": "y", "annotations": [], "logprobs": []}],
        },
        *USER,
    ],
    [
        *USER,
        {"type": "reasoning", "id": "rs_1", "summary": [], "content": None, "encrypted_content": None, "status": None},
        {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}", "status": "completed"},
        {"type": "function_call_output", "id": None, "call_id": "c", "output": "found"},
    ],
    [
        {
            "type": "function_call",
            "call_id": "c",
            "name": "f",
            "namespace": None,
            "caller": {"type": "direct"},
            "arguments": "{}",
        },
        {"type": "function_call_output", "call_id": "c", "output": "found"},
    ],
    [
        {"type": "custom_tool_call", "call_id": "c", "name": "g", "input": "x"},
        {"type": "custom_tool_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "y"}]},
    ],
]
_RESPONSES: list[Body] = [
    {},
    *({"input": items} for items in _ITEMS),
    *({"instructions": instructions} for instructions in ("Be brief", None)),
    {"tools": [{"type": "function", "name": "f", "description": None, "parameters": None, "strict": None}]},
    *(
        {"tools": [{"type": "function", "name": "f", "parameters": SCHEMA}], "tool_choice": choice}
        for choice in (
            "required",
            {"type": "function", "name": "f"},
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
        )
    ),
    {
        "tools": [{"type": "custom", "name": "g", "format": {"type": "text"}}],
        "tool_choice": {"type": "custom", "name": "g"},
    },
    *({"text": text} for text in ({"format": {"type": "text"}, "verbosity": "low"}, {"format": None}, None)),
    {"text": {"format": {"type": "json_schema", "name": "out", "schema": SCHEMA, "strict": True, "description": None}}},
    *({"reasoning": reasoning} for reasoning in ({"effort": "low", "summary": "auto"}, {"effort": None}, None)),
    {"reasoning": {"effort": "max", "context": "all_turns", "mode": "pro"}, "moderation": MODERATION},
    {"prompt_cache_options": {"mode": "explicit"}},
    {
        "tools": [
            {
                "type": "function",
                "name": "f",
                "parameters": SCHEMA,
                "output_schema": SCHEMA,
                "allowed_callers": ["direct"],
                "defer_loading": False,
            }
        ]
    },
    {"temperature": 1, "top_p": 1, "max_output_tokens": 20, "max_tool_calls": 3, "top_logprobs": 2},
    {
        "truncation": "auto",
        "parallel_tool_calls": True,
        "service_tier": "auto",
        "include": ["message.output_text.logprobs"],
    },
    {"include": [], "metadata": {"run": "7"}, "user": "someone", "safety_identifier": "s", "prompt_cache_key": "k"},
    {"store": False, "background": False, "previous_response_id": None, "conversation": None, "prompt": None},
]
_EMBEDDINGS: list[Body] = [
    {},
    {"input": ["one", "two"]},
    *({"encoding_format": form} for form in ("float", "base64")),
    {"dimensions": 256, "user": "someone"},
]
_COUNTS: list[Body] = [
    {"system": "Be brief", "tools": [], "tool_choice": {"type": "auto"}, "thinking": {"type": "disabled"}},
    {"output_config": {"effort": "low"}, "cache_control": CACHED},
]
_STREAMS: dict[str, Body] = {
    "/v1/chat/completions": {"stream_options": {"include_usage": True, "include_obfuscation": False}},
    "/v1/messages": {},
    "/v1/responses": {"stream_options": {"include_obfuscation": False}},
}
_LEAST: dict[str, Body] = {
    "/v1/chat/completions": {"model": "echo", "messages": USER},
    "/v1/messages": {"model": "echo", "messages": USER, "max_tokens": 20},
    "/v1/messages/count_tokens": {"model": "echo", "messages": USER},
    "/v1/responses": {"model": "echo", "input": "Write a haiku"},
    "/v1/embeddings": {"model": "embed", "input": "haiku"},
}
_NEVER_SENT = (
    *("metadata", "user", "safety_identifier"),
    *("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"),
)
"""They would identify people, or have the vendor keep what it was sent."""
_NEVER_ASKED = (
    *("store", "background", "previous_response_id", "conversation", "prompt", "container", "context_management"),
    *("mcp_servers", "audio", "web_search_options", "organization", "thread"),
)
"""Harmless as they stand in these requests."""


def requests() -> Iterator[tuple[str, Body]]:
    """Paths and bodies."""
    for path, several in (
        ("/v1/chat/completions", _CHAT),
        ("/v1/messages", _MESSAGES),
        ("/v1/messages/count_tokens", _COUNTS),
        ("/v1/responses", _RESPONSES),
        ("/v1/embeddings", _EMBEDDINGS),
    ):
        yield from ((path, {**_LEAST[path], **more}) for more in several)
    yield from ((path, {**_LEAST[path], "stream": True, **more}) for path, more in _STREAMS.items())


def as_sent(path: str, body: Body) -> Body:
    """What a vendor is to get of it: everything, but for what identifies people and what asks the vendor to keep."""
    sent = {name: value for name, value in body.items() if name not in (*_NEVER_SENT, *_NEVER_ASKED)}
    if path in ("/v1/chat/completions", "/v1/responses"):
        sent["store"] = False
    return dict(_without_seals(sent))


def _without_seals(value: Any) -> Any:
    """An empty place for what cannot be inspected is left out."""
    match value:
        case list():
            return [_without_seals(one) for one in value]
        case dict():
            return {name: _without_seals(one) for name, one in value.items() if name != "encrypted_content"}
        case _:
            return value
