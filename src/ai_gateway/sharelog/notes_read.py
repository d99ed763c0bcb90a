"""A person's notes in records, told to them: when their shares were looked at and why, what was disclosed, what was
asked for. Not which member of staff (CJEU C-579/21, paragraph 83): the caller is a service."""

import json
from collections.abc import Callable
from typing import Any

from ai_gateway.errors import KeyUnavailable
from ai_gateway.model import ShareId
from ai_gateway.model.entries import StoredEntry
from ai_gateway.sharelog.account import moment
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.keys import PersonKey
from ai_gateway.sharelog.segments import open_segment


def note_account(entry: StoredEntry, key: PersonKey, holds: Callable[[int], bool]) -> dict[str, Json] | None:
    """None when it is outside of the window, or nothing of it is left to read."""
    if entry.leaf is None:
        return None
    leaf: dict[str, Any] = json.loads(entry.leaf)
    if not holds(int(leaf["t"])):
        return None
    for segment in entry.segments:
        try:
            said: dict[str, Any] = json.loads(open_segment(ShareId(leaf["eid"]), leaf["type"], segment, (key,)).content)
        except KeyUnavailable:
            continue
        said.pop("subject", None)
        return {"at": moment(int(leaf["t"])), "entry": entry.index, "what": str(leaf["type"]), **said}
    return None
