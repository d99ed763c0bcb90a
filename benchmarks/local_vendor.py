"""A vendor on loopback that costs next to nothing: answers an OpenAI chat completion after a fixed delay.

``python -m benchmarks.local_vendor PORT DELAY_MS``. The answer repeats the first pseudonyms of the request, so
that there is something to restore. One process, one event loop, no framework.
"""

import asyncio
import json
import re
import sys
from typing import cast

import uvloop

_TOKEN = re.compile(rb"<[A-Z]+(?:_[A-Z0-9]+)*_[0-9]+>")
_FILLER = "I have built three systems like yours and can start on Monday. "


def answer(body: bytes) -> bytes:
    tokens = list(dict.fromkeys(_TOKEN.findall(body)))[:4]
    text = _FILLER * 4 + " ".join(token.decode() for token in tokens)
    reply = {
        "id": "chatcmpl-local",
        "object": "chat.completion",
        "created": 1,
        "model": "local",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 500, "completion_tokens": 60, "total_tokens": 560},
    }
    return json.dumps(reply).encode()


class Connection(asyncio.Protocol):
    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, found, rest = self.data.partition(b"\r\n\r\n")
        if not found:
            return
        match = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        length = int(match[1]) if match else 0
        if len(rest) < length:
            return
        self.data = rest[length:]
        body = answer(rest[:length])
        response = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.reply, response)
        else:
            self.reply(response)

    def reply(self, response: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(response)


async def main(port: int, delay_ms: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(delay_ms / 1000), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2])))
