"""What vendors count: tokens in and out, under each vendor's names."""

from collections.abc import Mapping

_MOST_TOKENS = 100_000_000
_INPUT = ("prompt_tokens", "input_tokens", "promptTokenCount")
_CACHED = ("cache_creation_input_tokens", "cache_read_input_tokens")
"""Anthropic counts what came from its cache apart; the others count it in."""
_OUTPUT = ("completion_tokens", "output_tokens")
_GEMINIS_OUTPUT = ("candidatesTokenCount", "thoughtsTokenCount")


def count(value: object) -> int | None:
    """A number of tokens, if it can be one."""
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None


def tokens_of(usage: Mapping[str, object]) -> tuple[int | None, int | None]:
    """Those that the model read and those that it wrote."""
    read, written = _first(usage, _INPUT), _first(usage, _OUTPUT)
    if read is not None:
        read += _sum(usage, _CACHED) or 0
    return read, written if written is not None else _sum(usage, _GEMINIS_OUTPUT)


def _first(usage: Mapping[str, object], names: tuple[str, ...]) -> int | None:
    return next((found for name in names if (found := count(usage.get(name))) is not None), None)


def _sum(usage: Mapping[str, object], names: tuple[str, ...]) -> int | None:
    found = [number for name in names if (number := count(usage.get(name))) is not None]
    return sum(found) if found else None
