"""What the scripted vendor says to a request, before it has a protocol's shape.

The model's name is the script, words joined by dots: ``echo``, ``tools``, ``parallel.slow``, ``error.429``. So a test
needs no way to the vendor but the request itself, and two tests at once do not meet.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

PIECE = 3
"""Characters to a delta: no pseudonym is shorter than two of them."""
Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Said:
    """``calls`` are names and arguments."""

    text: str = ""
    thinking: str = ""
    refusal: str = ""
    calls: list[tuple[str, Body]] = field(default_factory=list)


def script(request: Body) -> list[str]:
    return str(request.get("model", "")).split(".")


def say(request: Body) -> Said:
    """An echo in the way that the script asks for."""
    heard = last_words(request)
    lines = heard.splitlines()
    match script(request)[0]:
        case "everything":
            said = Said(text=f"All of it: {json.dumps(request, ensure_ascii=False)}", calls=[("repeat", request)])
        case "tools":
            said = Said(calls=[(tool_names(request)[0], arguments(heard))])
        case "parallel":
            said = Said(text=heard, calls=[(tool_names(request)[0], arguments(line)) for line in lines])
        case "json":
            said = Said(text=json.dumps({"to": heard, "lines": lines, "count": 3}, ensure_ascii=False))
        case "refusal":
            said = Said(refusal=f"I will not write to {heard}")
        case "thinking":
            said = Said(thinking=f"Is this about {heard}?", text=f"You said: {heard}")
        case _:
            said = Said(text=f"You said: {heard}")
    return said


def arguments(heard: str) -> Body:
    return {"to": heard, "quoted": f'"{heard}"\n\\', "count": 2, "deep": {"list": [heard, None, 1.5]}}


def last_words(request: Body) -> str:
    """The text of the last thing said: a user's message, or a tool's answer."""
    turns: Any = request.get("messages", request.get("input", ""))
    if isinstance(turns, str):
        return turns
    return _text(turns[-1].get("content", turns[-1].get("output", "")))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text") or _text(part.get("content", "")) for part in content)


def tool_names(request: Body) -> list[str]:
    return [tool.get("name") or tool["function"]["name"] for tool in request.get("tools", [])]


def pieces(text: str) -> Iterator[str]:
    return (text[at : at + PIECE] for at in range(0, len(text), PIECE))


def event(body: Body, name: str | None = None) -> bytes:
    """Server-sent, in plain ASCII or not by turns, as vendors do."""
    head = f"event: {name}\n" if name else ""
    written = json.dumps(body, ensure_ascii=len(str(body)) % 2 == 0, separators=(",", ":"))
    return f"{head}data: {written}\n\n".encode()
