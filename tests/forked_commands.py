"""``ai-gateway`` for guides of many commands: the same command, without its seconds of imports each time."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_TESTS = Path(__file__).parent
_CALLER = """\
#!{python} -IS
import json, os, signal, socket, sys

with socket.socket(socket.AF_UNIX) as server:
    server.connect({socket!r})
    asked = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environ": dict(os.environ)}}
    told = json.dumps(asked).encode()
    socket.send_fds(server, [len(told).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(told)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: server.sendall(bytes([number])))
    ended = server.recv(1)
sys.exit(ended[0] if ended else 70)
"""


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with an ``ai-gateway``, and a ``python`` beside it, as in the environment that runs the tests."""
    folder = tmp_path_factory.mktemp("bin")
    place = str(folder / "socket")
    (folder / "python").symlink_to(sys.executable)
    caller = folder / "ai-gateway"
    caller.write_text(_CALLER.format(python=sys.executable, socket=place))
    caller.chmod(0o700)
    path = f"{_TESTS / 'no_network'}{os.pathsep}{_TESTS.parent / 'src'}"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AI_GATEWAY_")}
    with subprocess.Popen(
        [sys.executable, str(_TESTS / "command_server.py"), place],
        env=environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        assert server.stdout.readline() == b"warm\n"
        yield folder
        server.stdin.close()
        server.wait(20)
