"""Why a model stopped, in one vocabulary for all vendors."""

from collections.abc import Mapping
from types import MappingProxyType

FINISH_REASONS = frozenset({"stop", "length", "content_filter", "refusal", "tool_use", "other"})
"""What ``Completion.finish_reason`` may be. ``refusal``: the model declined; ``content_filter``: its vendor did."""

_FINISH: Mapping[str, str] = MappingProxyType(
    {
        "stop": "stop",
        "length": "length",
        "model_length": "length",
        "tool_calls": "tool_use",
        "function_call": "tool_use",
        "tool_use": "tool_use",
        "content_filter": "content_filter",
        "end_turn": "stop",
        "stop_sequence": "stop",
        "max_tokens": "length",
        "model_context_window_exceeded": "length",
        "refusal": "refusal",
        "STOP": "stop",
        "MAX_TOKENS": "length",
        "SAFETY": "content_filter",
        "RECITATION": "content_filter",
        "LANGUAGE": "content_filter",
        "BLOCKLIST": "content_filter",
        "PROHIBITED_CONTENT": "content_filter",
        "SPII": "content_filter",
    }
)


def finish_of(value: object) -> str:
    """One of ``FINISH_REASONS``, of a vendor's own word."""
    return _FINISH.get(value, "other") if isinstance(value, str) else "other"
