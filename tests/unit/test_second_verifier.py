"""A verifier in another language, made from ``docs/log-format.md`` alone, finds what ours finds in the vectors.

To write the vectors of disclosures and witnesses: ``WRITE_VECTORS=1 pytest tests/unit/test_second_verifier.py``.
Published ones never change.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import person_samples
import share_samples as samples
from ai_gateway.model import CallerId, new_run_id
from ai_gateway.sharelog.reads import Reading, Why
from ai_gateway.verifier import TAR_END, cosignatures, main, parse_witness
from witness_server import WitnessServer

VECTORS = Path(__file__).parents[1] / "vectors" / "share_log"
DISCLOSURE = VECTORS / "disclosure"
SECOND = VECTORS.parent / "second_verifier.mjs"


@pytest.mark.anyio
async def test_what_is_written_today_holds_as_the_pinned_files_do(
    sqlite_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from ai_gateway.sharelog.bundle import Tar, export

    reading = Reading(CallerId("privacy-desk"), Why.PRIVACY_REQUEST)
    async with person_samples.house(sqlite_url, tmp_path) as house:
        await house.share(3)
        await house.log.refuse(new_run_id(), samples.CALLER, samples.refusal())
        await house.on_record.shares(reading)
        told = await house.discloser.disclose(samples.CLIENT, person_samples.ALWAYS, reading, prove=True)
        note = await house.publisher.publish()
        folder = DISCLOSURE if os.environ.get("WRITE_VECTORS") else tmp_path / "written"
        folder.mkdir(exist_ok=True)
        with (folder / "export.tar").open("wb") as file:
            await export(house.tree, note, Tar(file.write), ciphertexts=False, told=lambda _size: None)
            file.write(TAR_END)
        (folder / "disclosure.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
        (folder / "key.txt").write_text(house.publisher.key + "\n")
        witness = WitnessServer()
        (folder / "cosigned.note").write_text(note + witness.line(note))
        (folder / "witness.txt").write_text(witness.key.text + "\n")
    known = parse_witness((folder / "witness.txt").read_text())
    assert [at for at, _ in cosignatures((folder / "cosigned.note").read_bytes(), known)] == [1_790_000_000]
    holds(folder, capfd)


def second(command: str) -> Any:
    if shutil.which("node") is None:
        assert not os.environ.get("REQUIRE_NODE"), "node is not installed"
        pytest.skip("left out: node is not installed, so the second verifier was not run")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("NODE_")}
    done = subprocess.run(
        ["node", str(SECOND), command, str(VECTORS)], env=ours, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_finds_what_ours_finds() -> None:
    found, expected = second("check"), json.loads((VECTORS / "expected.json").read_text())
    assert (found["leaf_hashes"], found["root"]) == (expected["leaf_hashes"], expected["root"])
    assert found["counts"] == {name: expected["counts"][name] for name in found["counts"]}
    assert found["entry"] == {"index": 2, "type": "share.intent"}
    assert found["pruned"] == {"index": 0, "type": None}
    assert found["consistency"] == {"old": 2, "new": 4}
    told = json.loads((DISCLOSURE / "disclosure.json").read_text())
    assert found["disclosed"] == len(told["completeness"]["segments"]) > 0


def test_both_say_when_the_witness_saw_a_checkpoint() -> None:
    witness = parse_witness((DISCLOSURE / "witness.txt").read_text())
    seen = [at for at, _ in cosignatures((DISCLOSURE / "cosigned.note").read_bytes(), witness)]
    assert second("check")["seen"] == seen == [1_790_000_000]


def test_it_notices_every_changed_byte() -> None:
    assert second("mutations") == {"export.tar": [], "new.note": [], "entry.tlog-proof": [], "consistency.txt": []}


def test_the_pinned_disclosure_is_complete(capfd: pytest.CaptureFixture[str]) -> None:
    holds(DISCLOSURE, capfd)


def holds(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    key = (folder / "key.txt").read_text()
    files = [str(folder / "disclosure.json"), str(folder / "export.tar")]
    assert main(["disclosure", *files, "--key", key]) == 0
    assert capfd.readouterr().out.startswith("HOLDS: ")
