"""Below the program: every write, flush, rename and cut of a short run fails once, with the disk broken or full.

Afterwards nothing acknowledged is lost, ``fsck`` passes, every checkpoint that was given out holds, and the log grows.
"""

import asyncio
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ai_gateway.adapters.signing_key_file import create_signing_key
from ai_gateway.adapters.sql_migrate import migrate

FORKER = Path(__file__).with_name("append_forked.py")
SHIM = Path(__file__).with_name("shim.c")
TESTS = Path(__file__).parents[1]

pytestmark = [
    pytest.mark.skipif(shutil.which("gcc") is None, reason="LEFT OUT: failing system calls need gcc for shim.c"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="LEFT OUT: failing system calls need Linux"),
    pytest.mark.timeout(300),
]


class Forker:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, *words: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@pytest.fixture
def forker(tmp_path: Path) -> Iterator[Forker]:
    library = tmp_path / "shim.so"
    subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-o", library, SHIM, "-ldl"], check=True)
    environment = {**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent / 'src'}"}
    process = subprocess.Popen(
        [sys.executable, str(FORKER)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "warm\n"
    yield Forker(process)
    process.stdin.close()
    process.stdout.close()
    assert process.wait(20) == 0


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    asyncio.run(migrate(f"sqlite:///{folder / 'data' / 'gateway.db'}"))
    create_signing_key(folder / "signing", "market.example", 2026)
    return folder


def test_every_call_that_fails_once_loses_nothing_that_was_acknowledged(
    forker: Forker, template: Path, tmp_path: Path
) -> None:
    calls = forker.ask("break", copy(template, tmp_path, 0), 0, errno.EIO)["calls"]
    assert calls > 20, "the shim sees no calls"
    failed = 0
    for at in range(1, calls + 1):
        folder = copy(template, tmp_path, at)
        told = forker.ask("break", folder, at, (errno.EIO, errno.ENOSPC)[at % 2])
        failed += bool(told["failures"])
        found = forker.ask("check", folder)
        assert (found["faults"], found["findings"]) == ([], []), at
        assert set(told["acknowledged"]) <= set(found["leaves"]), at
        assert set(told["signed"]) <= set(found["notes"]), at
        shutil.rmtree(folder)
    assert failed > calls // 4, "failing calls were not noticed"


def copy(template: Path, tmp_path: Path, at: int) -> Path:
    return Path(shutil.copytree(template, tmp_path / f"log-{at}"))
