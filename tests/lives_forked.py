"""A parent that has imported everything and forks a process for each line of standard input: it opens the town, does
one thing, and may die by SIGKILL in the middle of it. What it saw is told on standard output, a line at a time.

``{"do": "share", "url": …, "folder": …, "at": …, "given": [pro, client, words], "die_at": 3, "how": "amid"}``: the
third write to the database is the process' last. ``how``: before it, amid it (its statements ran, its transaction is
open; a transaction of one statement is over by then), or after it. ``at-vendor``: while the vendor has the body.
"""

import asyncio
import inspect
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import lives
from ai_gateway.errors import GatewayError
from ai_gateway.model import ConsentState, ShareId
from share_samples import TickingClock


def say(**what: object) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # a signal is delivered soon, and not at once


class Mortal:
    """Stands before a database's writes and counts them."""

    def __init__(self, database: Any, die_at: int, how: str) -> None:
        self._left = die_at
        self._how = how
        for name in ("write", "write_raw", "write_alone"):
            if hasattr(database, name):
                setattr(database, name, self._counted(getattr(database, name)))

    def _counted(self, write: Any) -> Any:
        async def counted(work: Any) -> Any:
            self._left -= 1
            last = self._left == 0
            if last and self._how == "before":
                die()
            result = await write(_dying(work) if last and self._how == "amid" else work)
            if last and self._how == "after":
                die()
            return result

        return counted


def _dying(work: Any) -> Any:
    def worked(connection: Any) -> Any:
        result = work(connection)
        if inspect.isawaitable(result):
            return _die_after(result)
        die()
        return result

    return worked


async def _die_after(working: Awaitable[object]) -> None:
    await working
    die()


async def do(asked: dict[str, Any]) -> None:
    async def sent(share: ShareId, body: bytes) -> None:
        say(sent=share, body=body.decode())
        if asked["how"] == "at-vendor":
            die()

    clock = TickingClock(asked["at"])
    async with lives.town(asked["url"], Path(asked["folder"]), clock, sent) as town:
        Mortal(town.house.database, asked["die_at"], asked["how"])
        given = asked["given"]
        match asked["do"]:
            case "share":
                try:
                    say(done=await town.share(*given))
                except GatewayError as error:
                    say(refused=error.code)
            case "withdraw":
                await town.say(given[0], ConsentState.WITHDRAWN)
                say(done=given[0])
            case "erase":
                await town.erase(given[0])
                say(done=given[0])
            case "rotate":
                await town.rotate()
                say(done=True)
            case "prune":
                await town.prune()
                say(done=True)
            case _:
                raise ValueError(asked["do"])


def main() -> None:
    lives.shipped()
    say(warm=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                asyncio.run(do(json.loads(line)))
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        say(ended=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
