"""A parent that has imported all that commands import, and forks an ``ai-gateway`` whenever it is asked for one.

Importing the vendors' translations takes seconds, which a guide of twenty commands would wait for twenty times. Run as
``python command_server.py SOCKET``. Whoever connects sends a length of four bytes with three files (standard input,
output and error), then as many bytes of JSON: ``arguments``, ``folder``, ``environ``. Each byte that follows is a
signal for the command; one byte comes back, its exit code. A caller that goes away takes the command along.
"""

import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

import ai_gateway
from ai_gateway.adapters import litellm_translation, pattern_detector, word_lists
from ai_gateway.cli.main import main as ai_gateway_command

_NOT_IMPORTED = ("ai_gateway.migrations.", "ai_gateway.__main__", "ai_gateway.standin.__main__")


def import_all() -> None:
    for module in pkgutil.walk_packages(ai_gateway.__path__, "ai_gateway."):
        if not module.name.startswith(_NOT_IMPORTED):
            importlib.import_module(module.name)
    litellm_translation.load()
    word_lists.word_lists()
    pattern_detector.PatternDetector()


def run(asked: Mapping[str, Any]) -> NoReturn:
    """The command as ``ai-gateway`` runs it, in this process; but ``PYTHONPATH`` is the parent's, and no ``atexit``."""
    os.environ.clear()
    os.environ.update(asked["environ"])
    os.chdir(asked["folder"])
    sys.argv = ["ai-gateway", *asked["arguments"]]
    code = 0
    try:
        ai_gateway_command()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except BaseException:  # noqa: BLE001 - as Python itself ends
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # what ``sys.exit`` waits for
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def serve(connection: socket.socket) -> None:
    """One command, in a child of this process; its signals, its exit code."""
    length, files, _, _ = socket.recv_fds(connection, 4, 3)
    asked = json.loads(connection.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL))
    child = os.fork()
    if child == 0:
        connection.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        run(asked)
    for file in files:
        os.close(file)
    threading.Thread(target=_pass_on, args=(connection, child), daemon=True).start()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    with suppress(OSError):
        connection.sendall(bytes([code if code >= 0 else 128 - code]))


def _pass_on(connection: socket.socket, child: int) -> None:
    with suppress(ProcessLookupError, OSError):
        while number := connection.recv(1):
            os.kill(child, number[0])
        os.kill(child, signal.SIGKILL)


def main() -> None:
    import_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those who serve end by themselves
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(sys.argv[1])
        listening.listen(16)
        sys.stdout.write("warm\n")
        sys.stdout.flush()
        threading.Thread(target=_end_with_parent, daemon=True).start()
        while True:
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                serve(connection)
                os._exit(0)
            connection.close()


def _end_with_parent() -> None:
    os.read(0, 1)  # not through Python's buffer, whose lock every fork would inherit
    os._exit(0)


if __name__ == "__main__":
    main()
