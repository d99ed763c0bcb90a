"""A vendor on loopback that costs next to nothing: OpenAI chat completions, whole, streamed or with a tool call.

``python -m benchmarks.local_vendor PORT``. The answer repeats the first pseudonyms of the request, so that there is
something to restore. ``GET /delay/<ms>`` sets how long it takes to begin an answer. One process, one event loop, no
framework.
"""

import asyncio
import json
import re
import sys
from typing import cast

import uvloop

_TOKEN = re.compile(rb"<[A-Z]+(?:_[A-Z0-9]+)*_[0-9]+>")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_FILLER = "I have built three systems like yours and can start on Monday. "
_HEAD: dict[str, object] = {"id": "chatcmpl-local", "created": 1, "model": "local"}
STREAMED_CHUNKS = 40
"""Chunks with content in a streamed answer."""

_delay = [0.0]


def answer(body: bytes) -> list[bytes]:
    """The HTTP response to a request's body, in the pieces in which it is written."""
    tokens = [token.decode() for token in dict.fromkeys(_TOKEN.findall(body))][:4]
    if b'"stream":true' in body or b'"stream": true' in body:
        events = _streamed(tokens)
        return [_head(sum(map(len, events)), b"text/event-stream"), *events]
    message: dict[str, object] = {"role": "assistant", "content": _FILLER * 4 + " ".join(tokens)}
    finish = "stop"
    if b'"tools"' in body:
        arguments = json.dumps({"to": tokens, "note": _FILLER})
        call = {"id": "call_1", "type": "function", "function": {"name": "book", "arguments": arguments}}
        message, finish = {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"
    usage = {"prompt_tokens": 500, "completion_tokens": 60, "total_tokens": 560}
    choice: object = {"index": 0, "message": message, "finish_reason": finish}
    reply: dict[str, object] = {**_HEAD, "object": "chat.completion", "choices": [choice], "usage": usage}
    body = json.dumps(reply).encode()
    return [_head(len(body), b"application/json") + body]


def _streamed(tokens: list[str]) -> list[bytes]:
    words = (_FILLER.split() * STREAMED_CHUNKS)[: STREAMED_CHUNKS - len(tokens)] + tokens
    deltas: list[dict[str, object]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": f"{word} "} for word in words]
    events: list[object] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    events.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    chunks = [{**_HEAD, "object": "chat.completion.chunk", "choices": [event]} for event in events]
    return [*(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks), b"data: [DONE]\n\n"]


def _head(length: int, media_type: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n" % (media_type, length)


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, found, rest = self.data.partition(b"\r\n\r\n")
        if not found:
            return
        match = _LENGTH.search(head)
        length = int(match[1]) if match else 0
        if len(rest) < length:
            return
        self.data = rest[length:]
        if head.startswith(b"GET /delay/"):
            _delay[0] = int(head.split(b" ", 2)[1].removeprefix(b"/delay/")) / 1000
            self.reply([_head(2, b"application/json"), b"{}"])
            return
        pieces = answer(rest[:length])
        if _delay[0] and head.startswith(b"POST"):
            asyncio.get_running_loop().call_later(_delay[0], self.reply, pieces)
        else:
            self.reply(pieces)

    def reply(self, pieces: list[bytes]) -> None:
        """Each piece of a stream leaves by itself, as vendors write them."""
        if self.transport.is_closing():
            return
        self.transport.write(pieces[0])
        if len(pieces) > 1:
            asyncio.get_running_loop().call_soon(self.reply, pieces[1:])


async def main(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
