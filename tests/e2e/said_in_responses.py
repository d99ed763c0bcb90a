"""The scripted vendor's responses: every event, its ``done`` copies included."""

import json
from collections.abc import Iterator
from itertools import count

from e2e.said import Body, Said, event, pieces
from e2e.said_in_chat import CREATED

USAGE = {
    "input_tokens": 11,
    "input_tokens_details": {"cached_tokens": 2},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 1},
    "total_tokens": 18,
}


def whole(request: Body, said: Said, number: int) -> Body:
    """Vendors repeat the request's own instructions and tools in the response."""
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": CREATED,
        "status": "completed",
        "model": request["model"],
        "error": None,
        "incomplete_details": None,
        "instructions": request.get("instructions"),
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": request.get("tools", []),
        "top_p": 1.0,
        "store": False,
        "output": _items(said),
        "usage": USAGE,
    }


def _items(said: Said) -> list[Body]:
    items: list[Body] = []
    if said.thinking:
        summary = [{"type": "summary_text", "text": said.thinking}]
        items.append({"type": "reasoning", "id": "rs_0", "summary": summary, "status": "completed"})
    if said.text or said.refusal:
        text = {"type": "output_text", "text": said.text, "annotations": [], "logprobs": []}
        content = [{"type": "refusal", "refusal": said.refusal} if said.refusal else text]
        message = {"type": "message", "id": "msg_0", "role": "assistant", "status": "completed"}
        items.append({**message, "content": content})
    for at, (name, args) in enumerate(said.calls):
        call = {"type": "function_call", "id": f"fc_{at}", "call_id": f"call_{at}", "name": name}
        items.append({**call, "arguments": json.dumps(args), "status": "completed"})
    return items


def stream(request: Body, said: Said, number: int) -> Iterator[bytes]:
    numbers = count()

    def told(body: Body) -> bytes:
        return event({**body, "sequence_number": next(numbers)}, body["type"])

    finished = whole(request, said, number)
    begun = {**finished, "status": "in_progress", "output": [], "usage": None}
    yield told({"type": "response.created", "response": begun})
    yield told({"type": "response.in_progress", "response": begun})
    for index, item in enumerate(finished["output"]):
        yield told({"type": "response.output_item.added", "output_index": index, "item": _begun(item)})
        for body in _within(item):
            yield told({**body, "item_id": item["id"], "output_index": index})
        yield told({"type": "response.output_item.done", "output_index": index, "item": item})
    yield told({"type": "response.completed", "response": finished})


def _begun(item: Body) -> Body:
    empty: Body = {"content": [], "summary": [], "arguments": "", "status": "in_progress"}
    return {field: empty.get(field, value) for field, value in item.items()}


def _within(item: Body) -> Iterator[Body]:
    match item["type"]:
        case "function_call":
            text, stem = item["arguments"], "response.function_call_arguments"
            for piece in pieces(text):
                yield {"type": f"{stem}.delta", "delta": piece}
            yield {"type": f"{stem}.done", "name": item["name"], "arguments": text}
        case "reasoning":
            yield from _part(item["summary"][0], "response.reasoning_summary_part", "response.reasoning_summary_text")
        case _:
            part = item["content"][0]
            yield from _part(part, "response.content_part", f"response.{part['type']}")


def _part(part: Body, around: str, stem: str) -> Iterator[Body]:
    field = "refusal" if part["type"] == "refusal" else "text"
    place = {"summary_index": 0} if "summary" in around else {"content_index": 0}
    more: Body = {"logprobs": []} if stem == "response.output_text" else {}
    yield {"type": f"{around}.added", **place, "part": {**part, field: ""}}
    for piece in pieces(part[field]):
        yield {"type": f"{stem}.delta", **place, "delta": piece, **more}
    yield {"type": f"{stem}.done", **place, field: part[field], **more}
    yield {"type": f"{around}.done", **place, "part": part}
