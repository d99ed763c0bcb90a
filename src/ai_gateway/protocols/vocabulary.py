"""Words of the protocols, which may be said back to whoever sent them. Any other name may be somebody's."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache

from ai_gateway.protocols.requests import REQUESTS
from ai_gateway.protocols.shape import Array, Either, MapOf, Object, Plain, Shape, Variant

_DOCUMENTED = frozenset(
    "apply_patch apply_patch_call bash best_of betas chat_template_kwargs code_execution "  # noqa: SIM905
    "code_execution_tool_result code_interpreter code_interpreter_call computer computer_call "
    "computer_call_output computer_use_preview data defer_loading detail echo enable_thinking file file_data "
    "file_id file_ids file_search file_search_call file_url filename filters guided_choice guided_grammar "
    "guided_json guided_regex image image_generation image_generation_call image_url inference_geo input_audio "
    "input_examples input_file input_image input_video length_penalty local_shell local_shell_call "
    "local_shell_call_output mcp mcp_approval_request mcp_approval_response mcp_call mcp_list_tools "
    "mcp_tool_result mcp_tool_use mcp_toolset memory min_tokens moderation num_ctx num_predict output_format "
    "prompt_logprobs reasoning_details reasoning_format repetition_penalty response_mime_type safe_prompt "
    "safety_settings search_context_size search_parameters server_tool_use server_url shell shell_call "
    "shell_call_output skip_special_tokens source speed stop_token_ids suffix text_editor thinking_budget "
    "top_a transforms typical_p usage user_location vector_store_ids video video_url web_fetch "
    "web_fetch_tool_result web_search web_search_call web_search_preview web_search_tool_result".split()
)
"""Fields, parts and tools that vendors and others document, and that the gateway does not pass on."""
_VERSION = re.compile(r"_20[0-9]{6}\Z")
"""Anthropic dates its tools: ``web_search_20250305``."""


def said_back(name: str) -> str | None:
    """``name`` if it is a word of a protocol."""
    return name if _VERSION.sub("", name) in words() else None


def close_to(name: str, fields: frozenset[str]) -> str | None:
    """The field that was probably meant."""
    close = get_close_matches(name[:64], sorted(fields), n=1, cutoff=0.8)
    return close[0] if close else None


@cache
def words() -> frozenset[str]:
    return frozenset((*_DOCUMENTED, *(word for shape in REQUESTS.values() for word in _words(shape))))


def _words(shape: Shape) -> Iterator[str]:
    match shape:
        case Object(fields):
            for name, inner in fields.items():
                yield name
                yield from _words(inner)
        case Variant(key, cases):
            yield key
            for kind, inner in cases.items():
                yield kind
                yield from _words(inner)
        case Array(of) | MapOf(of):
            yield from _words(of)
        case Either(string, array, object_, scalar):
            for chosen in (string, array, object_, scalar):
                if chosen is not None:
                    yield from _words(chosen)
        case Plain(choices, refused=refused):
            yield from (*choices, *refused)
        case _:
            pass
