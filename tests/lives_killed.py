"""Things done by a process that dies while it does them, as its parent sees it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

_TESTS = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Ended:
    """``sent`` maps shares to the bodies that reached the vendor; ``done`` is what it said after the whole thing."""

    killed: bool
    sent: dict[str, bytes]
    done: object
    refused: bool


class Forker:
    """One process that has imported everything; ``lives_forked`` says what it is told."""

    def __init__(self, folder: Path) -> None:
        (folder / "tmp").mkdir(exist_ok=True)
        ours = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        paths = [str(_TESTS / "no_network"), str(_TESTS), str(_TESTS.parent / "src"), str(_TESTS.parent)]
        self._process = subprocess.Popen(
            [sys.executable, str(_TESTS / "lives_forked.py")],
            env={**ours, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._next() == {"warm": True}

    def do(self, what: str, given: Sequence[str], *, die_at: int, how: str, **where: object) -> Ended:
        assert self._process.stdin is not None
        asked = {"do": what, "given": list(given), "die_at": die_at, "how": how, **where}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        sent: dict[str, bytes] = {}
        done, refused = None, False
        while "ended" not in (told := self._next()):
            if "sent" in told:
                sent[told["sent"]] = told["body"].encode()
            refused = refused or "refused" in told
            done = told.get("done", done)
        assert told["ended"] in {0, -9}, "it either ended well or was killed"
        return Ended(told["ended"] == -9, sent, done, refused)

    def _next(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(self._process.stdout.readline() or '{"ended": "the forker is gone"}')
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()
