"""OpenAI's Responses, as the public API reference describes it: what a request may hold."""

from ai_gateway.errors import ServerStateRefused
from ai_gateway.protocols.chat import EFFORTS, MODERATION, ROUTING, TIERS
from ai_gateway.protocols.shape import (
    Array,
    Dropped,
    Either,
    JsonText,
    Loose,
    Object,
    Plain,
    Refused,
    Shape,
    Text,
    Uninspected,
    Variant,
    Word,
)

_SEALED = Refused("encrypted reasoning cannot be inspected", kind=Uninspected.ENCRYPTED_REASONING)
_INCLUDED = Plain(
    frozenset({"message.output_text.logprobs"}),
    numbers=False,
    flags=False,
    refused={"reasoning.encrypted_content": _SEALED},
)
_STATUS = Plain(frozenset({"in_progress", "completed", "incomplete"}))
_TYPE: dict[str, Shape] = {"type": Word(), "id": Word(nullable=True), "status": _STATUS}
_PART: dict[str, Shape] = {"type": Word(), "text": Text(), "prompt_cache_breakpoint": Dropped()}
_PARTS = Variant(
    "type",
    {
        "input_text": Object(_PART, frozenset({"text"})),
        "output_text": Object(
            {**_PART, "annotations": Array(Loose()), "logprobs": Array(Loose())},
            frozenset({"text"}),
        ),
        "refusal": Object({"type": Word(), "refusal": Text()}, frozenset({"refusal"})),
        "summary_text": Object(_PART, frozenset({"text"})),
        "reasoning_text": Object(_PART, frozenset({"text"})),
        "input_image": Refused("images cannot be inspected", kind=Uninspected.IMAGES),
        "input_file": Refused("files cannot be inspected", kind=Uninspected.FILES),
        "input_audio": Refused("audio cannot be inspected", kind=Uninspected.AUDIO),
    },
)
_CONTENT = Either(string=Text(), array=Array(_PARTS))
_MESSAGE = Object(
    {
        **_TYPE,
        "role": Plain(frozenset({"user", "assistant", "system", "developer"})),
        "content": _CONTENT,
        "phase": Plain(frozenset({"commentary", "final_answer"})),
    },
    frozenset({"role", "content"}),
    role_from="role",
)
_OUTPUT = Either(string=Text("tool"), array=Array(_PARTS))
_CALL: dict[str, Shape] = {
    **_TYPE,
    "call_id": Word(),
    "name": Word(),
    "namespace": Word(nullable=True),
    "caller": Object({"type": Plain(frozenset({"direct"}))}),
}
_ITEMS: dict[str, Shape] = {
    "message": _MESSAGE,
    "function_call": Object(
        {**_CALL, "arguments": JsonText()},
        frozenset({"call_id", "name", "arguments"}),
    ),
    "function_call_output": Object({**_TYPE, "call_id": Word(), "output": _OUTPUT}, frozenset({"call_id", "output"})),
    "custom_tool_call": Object({**_CALL, "input": Text()}, frozenset({"call_id"})),
    "custom_tool_call_output": Object({**_TYPE, "call_id": Word(), "output": _OUTPUT}, frozenset({"call_id"})),
    "reasoning": Object(
        {
            **_TYPE,
            "summary": Array(_PARTS),
            "content": Array(_PARTS),
            "encrypted_content": _SEALED,
        }
    ),
    "item_reference": Refused("the vendor may not recall content", ServerStateRefused),
}
_FORMAT = Object(
    {
        "type": Plain(frozenset({"text", "json_object", "json_schema"})),
        "name": Word(),
        "description": Text("tool"),
        "schema": Loose(),
        "strict": Plain(numbers=False),
    },
    frozenset({"type"}),
)
_TOOL_USE: dict[str, Shape] = {
    "allowed_callers": Array(Plain(frozenset({"direct"}))),
    "defer_loading": Plain(numbers=False),
}
"""A program of the vendor's that calls tools cannot be inspected: the model alone may."""
_TOOL = Variant(
    "type",
    {
        "function": Object(
            {
                "type": Word(),
                "name": Word(),
                "description": Text("tool"),
                "parameters": Loose(),
                "output_schema": Loose(),
                "strict": Plain(numbers=False),
                **_TOOL_USE,
            },
            frozenset({"name"}),
        ),
        "custom": Object(
            {"type": Word(), "name": Word(), "description": Text("tool"), "format": Loose(), **_TOOL_USE},
            frozenset({"name"}),
        ),
    },
)
_STATE = Refused("the vendor may not keep or recall content", ServerStateRefused)

REQUEST = Object(
    {
        "model": Word(),
        "input": Either(string=Text("user"), array=Array(Variant("type", _ITEMS, default="message"))),
        "instructions": Text("system"),
        "tools": Array(_TOOL, 512),
        "tool_choice": Either(
            string=Plain(frozenset({"none", "auto", "required"})),
            object=Object(
                {
                    "type": Plain(frozenset({"function", "custom", "allowed_tools"})),
                    "name": Word(),
                    "mode": Plain(frozenset({"auto", "required"})),
                    "tools": Array(Object({"type": Word(), "name": Word()}, frozenset({"type"}))),
                },
                frozenset({"type"}),
            ),
        ),
        "parallel_tool_calls": Plain(numbers=False),
        "text": Object({"format": _FORMAT, "verbosity": Plain(frozenset({"low", "medium", "high"}))}),
        "reasoning": Object(
            {
                "effort": Plain(EFFORTS),
                "summary": Plain(frozenset({"auto", "concise", "detailed"})),
                "generate_summary": Plain(frozenset({"auto", "concise", "detailed"})),
                "context": Plain(frozenset({"auto", "current_turn", "all_turns"})),
                "mode": Word(),
            }
        ),
        "temperature": Plain(flags=False),
        "top_p": Plain(flags=False),
        "max_output_tokens": Plain(flags=False),
        "max_tool_calls": Plain(flags=False),
        "top_logprobs": Plain(flags=False),
        "truncation": Plain(frozenset({"auto", "disabled"})),
        "stream": Plain(numbers=False),
        "stream_options": Object({"include_obfuscation": Plain(numbers=False)}),
        "service_tier": Plain(TIERS),
        "include": Array(_INCLUDED),
        "user": Dropped(),
        "safety_identifier": Dropped(),
        "prompt_cache_key": Dropped(),
        "prompt_cache_retention": Dropped(),
        "prompt_cache_options": Dropped(),
        "moderation": MODERATION,
        "metadata": Dropped(),
        "store": Refused("the vendor may not store responses", ServerStateRefused, unless=(False,)),
        "background": Refused("the vendor may not keep responses", ServerStateRefused, unless=(False,)),
        "previous_response_id": _STATE,
        "conversation": _STATE,
        "prompt": _STATE,
        "context_management": _STATE,
        **ROUTING,
    },
    frozenset({"model", "input"}),
)
