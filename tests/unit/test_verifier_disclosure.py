"""A disclosure is held against an export by somebody who has neither database nor keys: what was left out is named."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import person_samples
import share_samples as samples
from ai_gateway.model import CallerId, new_run_id, new_share_id
from ai_gateway.sharelog.bundle import Tar, export
from ai_gateway.sharelog.disclose import Window
from ai_gateway.sharelog.keys import person_key, tag
from ai_gateway.sharelog.reads import Reading, Why
from ai_gateway.sharelog.retention import Retaining
from ai_gateway.verifier import TAR_END, main, parse_key, segment_tag
from person_samples import House

pytestmark = pytest.mark.anyio
ASKED = Reading(CallerId("privacy-desk"), Why.PRIVACY_REQUEST)
Json = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """What an outsider was given, in a folder."""

    folder: Path
    key: str

    def check(self, told: Json | None = None, export_: str = "export.tar") -> int:
        path = self.folder / "told.json"
        path.write_text(json.dumps(self.disclosure if told is None else told))
        return main(["disclosure", str(path), str(self.folder / export_), "--key", self.key])

    def keep(self, told: Json) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "disclosure.json").write_text(json.dumps(told))

    @property
    def disclosure(self) -> Json:
        return dict(json.loads((self.folder / "disclosure.json").read_text()))


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with person_samples.house(sqlite_url, tmp_path) as opened:
        yield opened


async def give(house: House, folder: Path, window: Window = person_samples.ALWAYS) -> Given:
    told = await house.discloser.disclose(samples.CLIENT, window, ASKED)
    given = Given(folder, house.publisher.key)
    given.keep(told)
    await write_export(house, folder / "export.tar")
    return given


async def write_export(house: House, path: Path) -> None:
    with path.open("wb") as file:
        await export(
            house.tree, await house.publisher.publish(), Tar(file.write), ciphertexts=False, told=lambda _size: None
        )
        file.write(TAR_END)


async def lives(house: House) -> None:
    """Shares settled, in doubt and refused; reads; somebody else's share; one from long before the window."""
    (share, _) = await house.share(2)
    await house.log.begin(samples.intent())
    await house.log.refuse(new_run_id(), samples.CALLER, samples.refusal())
    await house.on_record.share(Reading(CallerId("auditors"), Why.AUDIT), share)


@pytest.fixture
async def given(house: House, tmp_path: Path) -> Given:
    await lives(house)
    return await give(house, tmp_path / "given")


async def test_a_whole_disclosure_holds(given: Given, capfd: pytest.CaptureFixture[str]) -> None:
    assert given.check() == 0
    out = capfd.readouterr().out
    assert "HOLDS: in the first 7 entries nothing is about the person that the disclosure does not list" in out
    assert "4 shares and refusals" in out
    assert "not checked: the texts" in out


def without_share(told: Json) -> None:
    told["shares"].pop(1)


def without_refusal(told: Json) -> None:
    told["refused"].clear()


def without_reading(told: Json) -> None:
    told["looked_at"].clear()


def without_a_segment(told: Json) -> None:
    told["completeness"]["segments"].pop()


def with_a_segment_of_nobody(told: Json) -> None:
    told["completeness"]["segments"].append([0, 77])


def with_another_recipient(told: Json) -> None:
    told["shares"][0]["recipient"]["name"] = "somebody-else"


def with_another_time(told: Json) -> None:
    told["shares"][0]["at"] = "2026-01-01T00:00:00Z"


def with_another_rule(told: Json) -> None:
    told["shares"][0]["rules"]["policy"] = "00" * 32


def in_doubt_where_it_was_settled(told: Json) -> None:
    next(one for one in told["shares"] if one["outcome"])["outcome"] = None


def with_another_outcome(told: Json) -> None:
    next(one for one in told["shares"] if one["outcome"])["outcome"]["status"] = "vendor-error"


def with_another_key(told: Json) -> None:
    told["completeness"]["tag_key"] = "00" * 32


LIES: tuple[Callable[[Json], None], ...] = (
    without_share,
    without_refusal,
    without_reading,
    without_a_segment,
    with_a_segment_of_nobody,
    with_another_recipient,
    with_another_time,
    with_another_rule,
    in_doubt_where_it_was_settled,
    with_another_outcome,
    with_another_key,
)


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: str(lie.__name__))
async def test_a_disclosure_that_leaves_out_or_tells_otherwise_does_not_hold(
    given: Given, lie: Callable[[Json], None], capfd: pytest.CaptureFixture[str]
) -> None:
    told = given.disclosure
    lie(told)
    assert given.check(told) == 1
    assert capfd.readouterr().out.startswith("DOES NOT HOLD, from entry ")


async def test_leaving_out_everything_but_the_evidence_does_not_help(given: Given) -> None:
    told = given.disclosure
    told["completeness"]["segments"] = []
    told["shares"] = told["refused"] = told["looked_at"] = []
    assert given.check(told) == 1


async def test_a_later_export_serves_and_an_earlier_one_does_not(
    house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await house.share()
    older = await give(house, tmp_path / "older")
    await house.share()
    newer = await give(house, tmp_path / "newer")
    assert newer.check(older.disclosure) == 0
    assert older.check(newer.disclosure) == 1
    assert "the disclosure's checkpoint was signed over" in capfd.readouterr().out


async def test_what_lies_outside_of_the_window_need_not_be_shown(house: House, tmp_path: Path) -> None:
    await house.share(2)
    at = house.clock.at
    house.clock.at += 1_000_000
    await house.share()
    given = await give(house, tmp_path / "given", Window(since=at + 1, until=person_samples.ALWAYS.until))
    assert len(given.disclosure["shares"]) == 1
    assert given.check() == 0


async def test_entries_past_their_retention_are_counted_not_trusted_blindly(
    house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from ai_gateway.adapters.sql_retention_store import SqlRetentionStore

    await house.share(2)
    given = await give(house, tmp_path / "given")
    house.clock.at += 26 * 31 * 86_400_000
    await Retaining(SqlRetentionStore(house.database), house.policies.retention, house.clock).run(lambda _n, _c: None)
    await write_export(house, tmp_path / "given" / "later.tar")
    assert given.check(export_="later.tar") == 0
    assert "past their retention" in capfd.readouterr().out


async def test_a_disclosure_about_nobody_shows_nothing(
    house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await house.share()
    given = await give(house, tmp_path / "given")
    told = given.disclosure
    told["completeness"]["tag_key"] = None
    assert given.check(told) == 0
    assert capfd.readouterr().out.startswith("NOT SHOWN")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format":"ai-gateway-disclosure/1"}', "nonsense", '{"format":"other/1"}']
)
def test_what_is_no_disclosure_cannot_be_read(text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    key = parse_key((Path(__file__).parents[1] / "vectors" / "share_log" / "key.txt").read_text()).text
    (tmp_path / "file.json").write_text(text)
    assert main(["disclosure", str(tmp_path / "file.json"), str(tmp_path), "--key", key]) == 3
    assert "not a disclosure" in capfd.readouterr().err


async def test_a_disclosure_whose_checkpoint_somebody_else_signed_does_not_hold(given: Given) -> None:
    told = given.disclosure
    note = told["completeness"]["checkpoint"]
    told["completeness"]["checkpoint"] = note.replace("\n7\n", "\n6\n")
    assert given.check(told) == 1
    told["completeness"]["checkpoint"] = None
    assert given.check(told) == 3


def test_the_verifier_makes_the_same_tags_as_the_log() -> None:
    key, share = person_key(b"r" * 16, b"R" * 32), new_share_id()
    assert segment_tag(key.tag_key, share, "share.intent", 3) == tag(key, share, "share.intent", 3)
