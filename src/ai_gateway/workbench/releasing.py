"""Labels that move, over versions that do not: the file's text with one label moved, and the history of moves."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from ai_gateway.errors import ConfigurationError, NotFound
from ai_gateway.prompts.load import version_number

_COMMENT = re.compile(r"(?:[ \t]*#[^\n]*\n|[ \t]*\n)*")
_MODELINE = "# yaml-language-server: $schema=../schemas/labels.schema.json\n"
_KEYS = frozenset({"at", "by", "label", "from", "to", "digest", "why", "rollback"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """``before`` is the version's number until then, None for a label that is new; ``at`` is ISO 8601 in UTC."""

    at: str
    by: str
    label: str
    before: int | None
    after: int
    digest: str
    why: str = ""
    rollback: bool = False

    def line(self) -> str:
        """One line of JSON, for the end of the file."""
        said = asdict(self)
        before, after = said.pop("before"), said.pop("after")
        said["from"], said["to"] = None if before is None else f"v{before}", f"v{after}"
        return json.dumps({key: said[key] for key in sorted(said)}, ensure_ascii=False) + "\n"


def read_history(text: str, file: str) -> tuple[Move, ...]:
    """Raises ``ConfigurationError`` for a line that is no move."""
    moves: list[Move] = []
    for number, line in enumerate(text.splitlines(), start=1):
        move = _move(line)
        if move is None:
            what = "is not a move of a label; bring back the line as it was"
            raise ConfigurationError(f"{file}:{number}:1: #: {what}")
        moves.append(move)
    return tuple(moves)


def _move(line: str) -> Move | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.keys() != _KEYS or not isinstance(said["rollback"], bool):
        return None
    texts = {key: said[key] for key in ("at", "by", "label", "digest", "why")}
    after, before = version_number(said["to"]), version_number(said["from"])
    if (
        not all(isinstance(text, str) for text in texts.values())
        or after is None
        or (before is None) != (said["from"] is None)
    ):
        return None
    return Move(**texts, before=before, after=after, rollback=said["rollback"])


def earlier(history: Iterable[Move], label: str, now: int | None) -> int:
    """What a roll-back goes to: where the label stood before it came to ``now``, roll-backs undone.

    Raises ``NotFound`` when no such move is on record.
    """
    stood: list[int] = []
    for move in history:
        if move.label != label:
            continue
        if move.rollback:
            del stood[-1:]
        elif move.before is not None:
            stood.append(move.before)
    if not stood or now is None:
        raise NotFound(f"No earlier version of {label} is on record; name one: prompts label <feature> {label} v<n>")
    return stood[-1]


def written(text: str, labels: Mapping[str, int], released: Mapping[int, str]) -> str:
    """``labels.yaml`` anew, under the comments it began with."""
    match = _COMMENT.match(text)
    head = (match.group() if match else "") or _MODELINE
    lines = ["labels:", *(f"  {label}: v{version}" for label, version in labels.items())]
    lines += ["released:", *(f"  v{version}: {digest}" for version, digest in sorted(released.items()))]
    if not released:
        lines[-1] = "released: {}"
    return head + "\n".join(lines) + "\n"
