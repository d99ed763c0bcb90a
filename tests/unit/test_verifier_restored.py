"""What an outsider is told of a log that lost entries to a restored backup and went on under another key."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from ai_gateway.adapters.signing_key_file import SigningKeyFile, create_signing_key, newest, succeed
from ai_gateway.errors import ConfigurationError
from ai_gateway.model.entries import EntryKind
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.merkle import extend, leaf_hash, root
from ai_gateway.sharelog.record import record
from ai_gateway.verifier import EMPTY, Audit, Checkpoint, open_checkpoint, report

NAME = "market.example"


def other(at: int) -> bytes:
    return record(EntryKind.POLICY_VERSION, at, {"files": str(at)}).leaf


def state(leaves: list[bytes], origin: str) -> Checkpoint:
    size, frontier = extend(0, b"", [leaf_hash(leaf) for leaf in leaves])
    return Checkpoint(origin, size, root(size, frontier))


@dataclass(frozen=True)
class Histories:
    """Two entries were backed up, six were signed; after the backup the log has two, the word of it, and three more."""

    first: SigningKeyFile
    second: SigningKeyFile
    early: Checkpoint
    lost: Checkpoint
    leaves: list[bytes]
    noted: str


@pytest.fixture
def histories(tmp_path: Path) -> Histories:
    kept, gone = [other(1), other(2)], [other(3), other(4), other(5), other(6)]
    first = create_signing_key(tmp_path, NAME, 2026)
    early = open_checkpoint(first.sign(2, state(kept, "").root, []), first.verifier)
    proof = [root(*extend(0, b"", [leaf_hash(leaf) for leaf in part])) for part in (gone[:2], gone[2:])]
    lost = open_checkpoint(first.sign(6, state(kept + gone, "").root, proof), first.verifier)
    facts: dict[str, Json] = {"found": {"size": 2, "at": 2}, "seen": {"size": 6, "at": 6}, "lost_checkpoint": lost.note}
    leaves = [*kept, record(EntryKind.LOG_RESTORED, 7, facts).leaf]
    second = succeed(first, NAME, state(leaves, ""))
    noted = second.last().note
    return Histories(first, second, early, lost, [*leaves, other(8), other(9), other(10)], noted)


def told(histories: Histories, *held: Checkpoint) -> list[str]:
    audit = Audit([histories.first.verifier, histories.second.verifier], held=held)
    for index, leaf in enumerate(histories.leaves):
        if index == histories.second.last().size:
            audit.note(histories.noted)
        audit.leaf(leaf)
    audit.end()
    return report(audit, signed=True)


def test_a_log_that_lost_entries_says_so_in_plain_words(histories: Histories) -> None:
    words = "\n".join(told(histories, histories.early))
    assert words.startswith("HOLDS: 3 entries")
    assert "ENTRIES MAY BE LOST: entry 2 says that a backup of 2 entries was put back where 6 had been seen" in words
    assert "consistent with 1 checkpoint(s) that you hold: what they cover was not changed or removed" in words


def test_a_checkpoint_of_what_is_gone_does_not_hold_and_no_later_entry_is_accused(histories: Histories) -> None:
    words = told(histories, histories.early, histories.lost)
    assert words[0] == "DOES NOT HOLD, from entry 2 on"
    assert "or one of those up to 5" in words[1]


def test_sizes_that_are_none_are_not_believed() -> None:
    audit = Audit()
    audit.leaf(
        record(EntryKind.LOG_RESTORED, 7, {"found": "many", "seen": {"size": True}, "lost_checkpoint": None}).leaf
    )
    audit.end()
    assert "a backup of an unknown number of entries" in "\n".join(report(audit, signed=False))


def test_a_key_that_was_being_made_when_all_ended_is_made_again(tmp_path: Path) -> None:
    """What is written first is the note; without its key it is nobody's."""
    create_signing_key(tmp_path, NAME, 2026).path.unlink()
    assert newest(tmp_path) is None
    made = create_signing_key(tmp_path, NAME, 2026)
    assert made.last().size == EMPTY.size
    with pytest.raises(ConfigurationError, match="File exists"):
        create_signing_key(tmp_path, NAME, 2026)
    assert SigningKeyFile(made.path).last().text == made.last().text, "and its memory is as it was"
