"""``python -m ai_gateway.standin --port 9101``: serve until interrupted; the address goes to standard output."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from ai_gateway.standin.server import LOOPBACK, serve_standin


async def _serve(port: int, keep: int) -> None:
    async with serve_standin(port, keep=keep) as standin:
        sys.stdout.write(f"{standin.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="ai_gateway.standin", description=f"A stand-in LLM vendor on {LOOPBACK}.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--keep", type=int, default=1000, help="how many received requests GET /captured can show")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(_serve(options.port, options.keep))
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
