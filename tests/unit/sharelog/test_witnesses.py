"""Witnesses, against a real one over HTTP that remembers and checks as C2SP tlog-witness says."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ai_gateway.adapters.http_witness import HttpWitness
from ai_gateway.sharelog.checkpoint import Publisher
from ai_gateway.sharelog.witnesses import Witnesses
from ai_gateway.verifier import (
    Broken,
    Key,
    Unreadable,
    check_witnesses,
    cosignatures,
    main,
    open_checkpoint,
    parse_key,
    parse_witness,
    read_checkpoint,
)
from log_books import Book, log_book
from witness_server import WitnessServer, witness_server

pytestmark = pytest.mark.anyio


@pytest.fixture
async def witness() -> AsyncIterator[WitnessServer]:
    async with witness_server() as server:
        yield server


@pytest.fixture
async def book(sqlite_url: str, tmp_path: Path, witness: WitnessServer) -> AsyncIterator[Book]:
    async with log_book(sqlite_url, tmp_path) as book:
        witness.trust(book.signer.key)
        _ask(book, HttpWitness(witness.address, witness.key))
        yield book


def _ask(book: Book, *witnesses: HttpWitness) -> None:
    old = book.publisher
    book.publisher = Publisher(
        old._store, old._signer, coordination=old._coordination, clock=old._clock, witnesses=Witnesses(witnesses)
    )


async def test_every_checkpoint_carries_the_witness_signature(book: Book, witness: WitnessServer) -> None:
    note = ""
    for _ in range(3):
        await book.share()
        note = await book.publisher.publish()
        assert open_checkpoint(note, book.signer.verifier).size == read_checkpoint(note)[0].size
        assert [at for at, _ in cosignatures(note, witness.key)] == [witness.time]
        assert await book.tree.newest_checkpoint() == note
    assert witness.asked == [0, 2, 4], "each request goes on from the checkpoint that the witness has"
    assert await book.publisher.publish() == note
    assert witness.asked == [0, 2, 4], "what is cosigned already is not asked for again"


async def test_a_program_that_forgot_what_the_witness_saw_asks_and_goes_on(book: Book, witness: WitnessServer) -> None:
    await book.share()
    await book.publisher.publish()
    _ask(book, HttpWitness(witness.address, witness.key))
    await book.share()
    note = await book.publisher.publish()
    assert witness.asked == [0, 0, 2]
    assert cosignatures(note, witness.key)


async def test_a_witness_that_is_away_or_refuses_holds_no_checkpoint_back(
    book: Book, witness: WitnessServer, caplog: pytest.LogCaptureFixture
) -> None:
    witness.trusted.clear()
    _ask(book, HttpWitness(witness.address, witness.key), HttpWitness("http://127.0.0.1:9", witness.key))
    await book.share()
    with caplog.at_level(logging.ERROR):
        note = await book.publisher.publish()
    assert note == book.signer.last().note
    said = "a checkpoint was not cosigned by witness.example/w1:"
    assert sorted(record.message for record in caplog.records) == [
        f"{said} it cannot be asked (ClientConnectorError)",
        f"{said} it does not know this log; give it the log's origin and verifier key",
    ]


async def test_a_log_shorter_than_what_the_witness_saw_is_told(
    book: Book, witness: WitnessServer, caplog: pytest.LogCaptureFixture
) -> None:
    witness.seen[book.signer.origin] = (9, bytes(32))
    await book.share()
    with caplog.at_level(logging.ERROR):
        await book.publisher.publish()
    assert "it has seen 9 entries, the log has 2: entries are gone" in caplog.text


async def test_a_rewritten_past_is_not_cosigned(
    book: Book, witness: WitnessServer, caplog: pytest.LogCaptureFixture
) -> None:
    await book.share()
    await book.publisher.publish()
    witness.seen[book.signer.origin] = (2, bytes(32))  # as if it had been shown another log
    await book.share()
    with caplog.at_level(logging.ERROR):
        note = await book.publisher.publish()
    assert "the log does not begin with what it has seen" in caplog.text
    with pytest.raises(Broken, match="no cosignature of the witness"):
        check_witnesses(note, [witness.key])


@pytest.mark.parametrize("answer", ["", "\u2014 witness.example/w1 AAAA\n", "nonsense\n", "changed"])
async def test_an_answer_that_is_worth_nothing_is_left_out(
    book: Book, witness: WitnessServer, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    async def add_checkpoint(request: web.Request) -> web.Response:
        line = witness.line((await request.text()).partition("\n\n")[2])
        at = line.index("=") - 8
        changed = line[:at] + ("A" if line[at] != "A" else "B") + line[at + 1 :]
        return web.Response(text=changed if answer == "changed" else answer)

    application = web.Application()
    application.router.add_post("/add-checkpoint", add_checkpoint)
    async with TestServer(application) as server:
        _ask(book, HttpWitness(str(server.make_url("/")), witness.key))
        await book.share()
        with caplog.at_level(logging.ERROR):
            note = await book.publisher.publish()
    assert note == book.signer.last().note
    assert "its answer" in caplog.text


async def test_every_changed_byte_of_a_cosigned_note_is_noticed(book: Book, witness: WitnessServer) -> None:
    await book.share()
    note = (await book.publisher.publish()).encode()
    assert check_witnesses(note, [witness.key])
    for place in range(len(note)):
        changed = note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :]
        with pytest.raises((Broken, Unreadable)):
            checked(changed, book.signer.verifier, witness.key)


async def test_an_outsider_asks_for_the_witness(
    book: Book, witness: WitnessServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await book.share()
    export = str(await book.export(tmp_path / "export"))
    assert main(["log", export, "--key", book.signer.key, "--witness", witness.key.text]) == 0
    said = capfd.readouterr().out
    assert "  seen at 2026-09-21T14:13:20Z by witness.example/w1, to whom the log has shown no other past\n" in said
    other = WitnessServer(name="witness.example/w2").key
    assert main(["log", export, "--key", book.signer.key, "--witness", other.text]) == 1
    assert "no cosignature of the witness witness.example/w2" in capfd.readouterr().out


def checked(note: bytes, log: Key, witness: Key) -> None:
    open_checkpoint(note, log)
    check_witnesses(note, [witness])


def test_a_witness_key_is_not_a_logs_key_nor_the_other_way_round() -> None:
    witness = WitnessServer().key
    assert parse_witness(witness.text) == witness
    with pytest.raises(Unreadable, match="not a log's"):
        parse_key(witness.text)
    with pytest.raises(Unreadable, match="not a witness'"):
        parse_witness(
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        )  # C2SP signed-note's example
