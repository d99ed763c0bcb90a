"""The verifier on its own: pinned files that every later release must still read, and every byte of them changed.

To write the files of a new format: ``WRITE_VECTORS=1 pytest tests/unit/test_verifier.py``. Published ones never change.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_gateway import verifier
from ai_gateway.verifier import (
    Audit,
    Broken,
    Checkpoint,
    Key,
    Unreadable,
    check_proof,
    main,
    open_checkpoint,
    parse_key,
    read_export,
    read_leaf,
    read_proof,
    read_tar,
)
from log_books import log_book

VECTORS = Path(__file__).parents[1] / "vectors" / "share_log"
pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def key() -> Key:
    return parse_key((VECTORS / "key.txt").read_text())


@pytest.mark.skipif("WRITE_VECTORS" not in os.environ, reason="writes the pinned files anew")
async def test_write_the_vectors(sqlite_url: str, tmp_path: Path) -> None:
    from sqlalchemy import text

    from ai_gateway.sharelog.bundle import Tar, export

    async with log_book(sqlite_url, tmp_path) as book:
        await book.share()
        old = await book.checkpoint()
        (VECTORS / "old.note").write_text(old.note)
        (VECTORS / "key.txt").write_text(book.signer.key + "\n")
        await book.share()
        await book.database.write(lambda c: c.execute(text("DROP TRIGGER leaf_never_changes")))
        await book.database.write(lambda c: c.execute(text("UPDATE leaf SET data = NULL WHERE idx = 0")))
        await book.database.write(lambda c: c.execute(text("DELETE FROM segment WHERE idx = 0 OR n = 1")))
        note = await book.publisher.publish()
        (VECTORS / "new.note").write_text(note)
        (VECTORS / "entry.tlog-proof").write_text(await book.proofs.of_entry(2))
        (VECTORS / "pruned.tlog-proof").write_text(await book.proofs.of_entry(0))
        (VECTORS / "consistency.txt").write_text(await book.proofs.consistency_since(old.note))
        out = io.BytesIO()
        audit = await export(book.tree, note, Tar(out.write), ciphertexts=True, told=lambda _size: None)
        (VECTORS / "export.tar").write_bytes(out.getvalue() + verifier.TAR_END)
        hashes = [leaf.leaf_hash.hex() for leaf in await book.tree.leaves(0, 10)]
        said = {"leaf_hashes": hashes, "root": audit.tree.root().hex(), "counts": vars(audit.counts)}
        (VECTORS / "expected.json").write_text(json.dumps(said, indent=2) + "\n")


def audited(tar: bytes, key: Key) -> Audit:
    """Raises ``Broken`` or ``Unreadable`` for what cannot hold at all."""
    audit = Audit([key])
    read_export(read_tar(io.BytesIO(tar)), audit, lambda _size: None)
    return audit


def mutations(data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        yield data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :]


def test_the_pinned_export_holds_and_says_what_it_said(key: Key) -> None:
    expected = json.loads((VECTORS / "expected.json").read_text())
    audit = audited((VECTORS / "export.tar").read_bytes(), key)
    assert audit.findings == []
    assert audit.tree.root().hex() == expected["root"]
    assert (audit.counts.entries, audit.counts.pruned, audit.counts.unseen_intents) == (4, 1, 1)
    assert audit.counts.segments > 0
    assert audit.counts.segments_gone > 0


def test_the_pinned_proofs_hold(key: Key) -> None:
    checkpoint, leaf = check_proof(read_proof((VECTORS / "entry.tlog-proof").read_text()), key)
    assert (checkpoint.size, read_leaf(leaf)["type"]) == (4, "share.intent")
    _, pruned = check_proof(read_proof((VECTORS / "pruned.tlog-proof").read_text()), key)
    assert pruned.hex() == json.loads((VECTORS / "expected.json").read_text())["leaf_hashes"][0]


def test_an_export_with_any_byte_changed_does_not_hold(key: Key) -> None:
    held = []
    for at, changed in enumerate(mutations((VECTORS / "export.tar").read_bytes())):
        try:
            if not audited(changed, key).findings:
                held.append(at)
        except (Broken, Unreadable):
            continue
    assert held == []


def test_an_export_cut_anywhere_does_not_hold(key: Key) -> None:
    whole = (VECTORS / "export.tar").read_bytes()
    for end in [*range(0, len(whole), 61), len(whole) - 1]:
        with pytest.raises((Broken, Unreadable)):
            audited(whole[:end], key)
    with pytest.raises(Unreadable):
        audited(whole + b"\0", key)


def test_a_note_with_any_byte_changed_does_not_hold(key: Key) -> None:
    note = (VECTORS / "new.note").read_bytes()
    for changed in mutations(note):
        with pytest.raises((Broken, Unreadable)):
            open_checkpoint(changed, key)


@pytest.mark.parametrize("name", ["entry", "pruned"])
def test_a_proof_with_any_byte_changed_does_not_hold(key: Key, name: str) -> None:
    for changed in mutations((VECTORS / f"{name}.tlog-proof").read_bytes()):
        with pytest.raises((Broken, Unreadable, UnicodeDecodeError)):
            check_proof(read_proof(changed.decode()), key)


def test_a_consistency_proof_with_any_byte_changed_does_not_hold(key: Key, tmp_path: Path) -> None:
    old, new = VECTORS / "old.note", VECTORS / "consistency.txt"
    assert main(["consistency", str(old), str(new), "--key", key.text]) == 0
    changed = tmp_path / "changed"
    for one in mutations(new.read_bytes()):
        changed.write_bytes(one)
        assert main(["consistency", str(old), str(changed), "--key", key.text]) in {1, 3}


def test_the_program_runs_alone_with_nothing_but_cryptography(key: Key, tmp_path: Path) -> None:
    alone = tmp_path / "verify.py"
    alone.write_bytes(Path(str(verifier.__file__)).read_bytes())
    command = [sys.executable, "-I", str(alone)]
    ran = subprocess.run(
        [*command, "log", str(VECTORS / "export.tar"), "--key", key.text, "--old", str(VECTORS / "old.note")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("HOLDS: 4 entries")
    assert "consistent with 1 checkpoint(s) that you hold" in ran.stdout
    imports = {
        line.split()[1].partition(".")[0] for line in alone.read_text().splitlines() if line[:5] in {"impor", "from "}
    }
    assert imports - set(sys.stdlib_module_names) == {"cryptography"}


def test_what_does_not_hold_ends_with_one_and_what_cannot_be_read_with_three(
    key: Key, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    proof = tmp_path / "x.tlog-proof"
    good = (VECTORS / "entry.tlog-proof").read_text()
    proof.write_text(good.replace("index 2", "index 3"))
    assert main(["proof", str(proof), "--key", key.text]) == 1
    assert "DOES NOT HOLD: entry 3" in capfd.readouterr().out
    proof.write_text(good.replace("tlog-proof@v1", "tlog-proof@v9"))
    assert main(["proof", str(proof), "--key", key.text]) == 3
    assert main(["proof", str(tmp_path / "none"), "--key", key.text]) == 3
    assert main(["log", str(VECTORS / "export.tar"), "--key", "nonsense"]) == 3
    with pytest.raises(SystemExit) as usage:
        main(["log"])
    assert usage.value.code == 2


def test_two_checkpoints_alone_prove_nothing(key: Key) -> None:
    notes = [str(VECTORS / name) for name in ("old.note", "new.note")]
    assert main(["consistency", *notes, "--key", key.text]) == 3
    assert main(["consistency", notes[1], notes[0], "--key", key.text]) == 1
    assert main(["consistency", notes[1], notes[1], "--key", key.text]) == 0


def test_an_export_is_checked_in_itself_without_a_key() -> None:
    assert main(["ciphertexts", str(VECTORS / "export.tar")]) == 0


def test_a_folder_is_the_same_export(key: Key, tmp_path: Path) -> None:
    with (VECTORS / "export.tar").open("rb") as file:
        for name, data in read_tar(file):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(data)
    assert main(["log", str(tmp_path), "--key", key.text]) == 0
    (tmp_path / "leaves" / "more.jsonl").write_bytes(b"")
    assert main(["log", str(tmp_path), "--key", key.text]) == 3


def test_another_logs_key_does_not_do(key: Key) -> None:
    other = verifier.key_of("other.example/log", key.public)
    with pytest.raises(Broken, match="of which no key was given"):
        audited((VECTORS / "export.tar").read_bytes(), other)


def test_a_checkpoint_by_another_key_of_the_same_name_does_not_do(key: Key) -> None:
    other = verifier.key_of(key.name, bytes(reversed(key.public)))
    with pytest.raises(Broken, match="no signature by the key"):
        open_checkpoint((VECTORS / "new.note").read_text(), other)


LEAF = {"eid": "shr_1", "segments": [], "t": 1, "type": "share.denied", "v": 1}


def leaf(**facts: object) -> bytes:
    return json.dumps({**LEAF, **facts}, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"nonsense",
        leaf() + b" ",
        leaf().replace(b'"v":1', b'"v":1,"v":1'),
        leaf().replace(b'"t":1', b'"t":1.5'),
        leaf().replace(b'"t":1', b'"t":9007199254740993'),
        leaf().replace(b'"t":1', b'"t":NaN'),
        leaf(é=1),
        leaf().replace(b"shr_1", b"\\u0073hr_1"),
        leaf(t="now"),
        b"[" * 100_000,
    ],
)
def test_what_is_not_a_canonical_leaf_is_found(data: bytes) -> None:
    audit = Audit()
    audit.leaf(data)
    assert [one.entry for one in audit.findings] == [0]


def told(*kinds_and_shares: tuple[str, str]) -> Audit:
    audit = Audit()
    for kind, share in kinds_and_shares:
        audit.leaf(leaf(type=f"share.{kind}", eid=share))
    audit.end()
    return audit


def test_an_outcome_closes_a_share_once_that_was_opened_before() -> None:
    assert told(("intent", "a"), ("outcome", "a")).findings == []
    assert [one.entry for one in told(("outcome", "a"), ("intent", "a")).findings] == [0]
    assert [one.entry for one in told(("intent", "a"), ("outcome", "a"), ("outcome", "a")).findings] == [2]
    assert [one.entry for one in told(("intent", "a"), ("intent", "a")).findings] == [1]
    assert told(("intent", "a"), ("denied", "b")).counts.in_doubt == 1


def test_a_held_checkpoint_of_an_empty_tree_holds_for_every_log() -> None:
    audit = Audit(held=[Checkpoint("x", 0, verifier.Tree().root())])
    audit.leaf(leaf())
    audit.end()
    assert audit.findings == []
    assert audit.counts.held == 1


def test_memory_of_an_audit_that_found_something_stays_as_it_was(tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    memory.write_bytes(b"x" * 32)

    def audit() -> None:
        with verifier.remembering(memory) as (old, note):
            assert old is not None
            assert note is not None
            note(b"y" * 32)
            raise Broken

    with pytest.raises(Broken):
        audit()
    assert memory.read_bytes() == b"x" * 32
    assert list(tmp_path.iterdir()) == [memory]
