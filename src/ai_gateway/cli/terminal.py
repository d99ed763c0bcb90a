"""How commands speak: tables for people, JSON for programs, one line for an error, and what the exit code means."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import PurePath
from traceback import extract_tb
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from ai_gateway.errors import ConfigurationError, GatewayError

if TYPE_CHECKING:  # half of a quick command's time
    from rich.console import Console

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
_AWAY = 500
_IDS = frozenset(("share", "erasure", "directive", "entry", "id", "key", "object"))
"""Columns that people copy from: an id over two lines is none."""


class Exit(IntEnum):
    """Exit codes. 2 is Click's own, for arguments that are not understood."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    CONFIGURATION = 3
    AWAY = 4
    UNKNOWN = 70
    INTERRUPTED = 130


def console() -> "Console":
    """Wide enough for tables where the output is no terminal."""
    from rich.console import Console

    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=140)


def print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def warn(text: str) -> None:
    """Beside the answer, which a program may be reading."""
    sys.stderr.write(text + "\n")


def counted(count: int, thing: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title, title_justify="left")
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column in _IDS)
    for row in rows:
        made.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console().print(made)


def facts(rows: Mapping[str, object]) -> None:
    """Names and values, one to a line."""
    width = max(map(len, rows), default=0)
    for name, value in rows.items():
        say(f"{name:<{width}}  {'' if value is None else value}")


def show(value: Any, as_json: bool, otherwise: Callable[[], None]) -> None:  # noqa: ANN401, FBT001 - JSON; a command's own flag
    if as_json:
        print_json(value)
    else:
        otherwise()


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a command's coroutine."""
    return asyncio.run(work())


@contextmanager
def ending() -> Generator[None]:
    """Ends the program: an expected error is one clear line, any other its kind and place, without its text."""
    try:
        yield
    except GatewayError as error:
        fail(error)
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(Exit.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - its text may quote a prompt
        frame = extract_tb(error.__traceback__)[-1]
        place = f"{PurePath(frame.filename).name}:{frame.lineno}"
        sys.stderr.write(f"unknown error: {type(error).__name__} at {place}; please report it\n")
        sys.exit(Exit.UNKNOWN)


def fail(error: GatewayError) -> NoReturn:
    lines = error.problems if isinstance(error, ConfigurationError) else (_line(error),)
    for line in lines:
        sys.stderr.write(f"{error.code}: {line}\n")
    sys.exit(exit_code(error))


def _line(error: GatewayError) -> str:
    reasons = error.facts.get("reasons")
    told = "; ".join(_reason(one) for one in reasons if isinstance(one, dict)) if isinstance(reasons, list) else ""
    return f"{error.detail} [{told}]" if told else error.detail


def _reason(reason: Mapping[str, str]) -> str:
    return f"{reason['code']} ({reason['rule']}, {reason['source']})"


def exit_code(error: GatewayError) -> Exit:
    if isinstance(error, ConfigurationError):
        return Exit.CONFIGURATION
    return Exit.AWAY if error.status >= _AWAY else Exit.REFUSED
