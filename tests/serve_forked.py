"""A parent that has imported everything, and forks a real server process each time it is told to.

Importing the vendors' translations takes seconds; a process that is killed fifty times would spend its life importing.
Run as ``python serve_forked.py``; on each line ``serve PORT`` of standard input it forks a server on that port and
prints its pid.
"""

import asyncio
import os
import signal
import socket
import sys
import time

import uvicorn

from ai_gateway.adapters.logging import configure
from ai_gateway.app import serving
from ai_gateway.config import read


def serve(listening: socket.socket) -> None:
    settings = read()
    configure(settings.log_level)
    config = uvicorn.Config(
        serving.build(settings), access_log=False, log_config=None, lifespan="on", ws="none", log_level="error"
    )
    asyncio.run(uvicorn.Server(config).serve([listening]))


async def start_once() -> None:
    """Imports all that a server imports, and leaves nothing open behind."""
    configure("error")
    app = serving.build(read())
    async with app.router.lifespan_context(app):
        pass


def listen(port: int) -> socket.socket:
    """Waits while the killed process still holds the port."""
    deadline = time.monotonic() + 10
    while True:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError:
            listening.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            listening.listen(128)
            return listening


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    asyncio.run(start_once())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are killed, not waited for
    say("warm")
    for line in sys.stdin:
        listening = listen(int(line.split()[1]))
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            serve(listening)
            os._exit(0)
        listening.close()
        say(str(child))


if __name__ == "__main__":
    main()
