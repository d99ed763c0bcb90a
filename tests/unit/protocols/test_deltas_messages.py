"""Anthropic's messages, event by event: what comes in, what goes on."""

import json
from typing import Any

import pytest

from ai_gateway.protocols.protocol import Protocol
from stream_samples import VALUES, bodies, event, released

ANA = VALUES["<CLIENT_1>"]


def start(block: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(kind: str, field: str, text: str, index: int = 0) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, field: text}}


def text(said: str, index: int = 0) -> dict[str, Any]:
    return delta("text_delta", "text", said, index)


def thinking(thought: str) -> dict[str, Any]:
    return delta("thinking_delta", "thinking", thought)


def stop(index: int = 0) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def through(*told: dict[str, Any], structured: bool = False) -> list[dict[str, Any]]:
    return bodies(released(Protocol.MESSAGES, [event(body, named=True) for body in told], structured=structured))


def test_what_waits_comes_before_the_blocks_stop() -> None:
    assert through(text("It is CLIENT_1"), stop()) == [text("It is "), text(ANA), stop()]


def test_an_added_event_has_its_name() -> None:
    told = released(
        Protocol.MESSAGES, [event(start({"type": "text", "text": "USA"}), named=True), event(stop(), named=True)]
    )
    assert [one.name for one in told] == ["content_block_start", "content_block_delta", "content_block_stop"]


def test_text_in_a_blocks_start_goes_on_in_its_deltas() -> None:
    told = through(start({"type": "text", "text": "<CLI", "citations": None}), text("ENT_1>"))
    assert told == [start({"type": "text", "text": "", "citations": None}), text(ANA)]


def test_thoughts_end_before_their_signature_which_stays_as_it_is() -> None:
    signed = delta("signature_delta", "signature", "Eq_CLIENT_1-<CLIENT_1>")
    told = through(start({"type": "thinking", "thinking": ""}), thinking("the USA"), signed, stop())
    assert told[1:] == [thinking("the "), thinking("USA"), signed, stop()]


@pytest.mark.parametrize(
    "pieces", [['{"to": "<CLIENT', '_1>"}'], list('{"to": "\\u003cCLIENT_1\\u003e"}'), ['{"to":"client_1>"}']]
)
def test_a_tools_input_joins_to_valid_json(pieces: list[str]) -> None:
    told = through(*(delta("input_json_delta", "partial_json", piece) for piece in pieces))
    joined = json.loads("".join(body["delta"]["partial_json"] for body in told))
    assert joined == {"to": ANA} or pieces == ['{"to":"client_1>"}']


def test_a_tools_input_that_comes_at_the_start_is_restored_with_all_its_fields() -> None:
    block = {"type": "tool_use", "id": "CLIENT_1", "name": "CLIENT_1", "input": {"id": "CLIENT_1", "CLIENT_1": [1]}}
    (told,) = through(start(block))
    assert told["content_block"] == {**block, "input": {"id": ANA, "CLIENT_1": [1]}}


def test_blocks_side_by_side_keep_apart() -> None:
    told = through(text("<CLI"), text("USA", 1), stop(1), text("ENT_1>"), stop())
    assert told == [text(""), text("", 1), text("USA", 1), stop(1), text(ANA), stop()]


def test_a_citation_is_restored_as_a_whole_and_leaves_the_text_alone() -> None:
    def citation(cited: str) -> dict[str, Any]:
        said = {"type": "char_location", "cited_text": cited, "document_title": "A", "start_char_index": 3}
        return {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": said}}

    assert through(text("<CLI"), citation("by CLIENT_1"), text("ENT_1>")) == [
        text(""),
        citation(f"by {ANA}"),
        text(ANA),
    ]


def test_a_delta_that_nobody_knows_goes_on_like_text() -> None:
    told = through(*(delta("summary_delta", "summary", piece) for piece in ("<CLI", "ENT_1>")))
    assert told == [delta("summary_delta", "summary", ""), delta("summary_delta", "summary", ANA)]


@pytest.mark.parametrize("closing", ["message_delta", "message_stop", "error"])
def test_a_block_that_never_stops_loses_nothing(closing: str) -> None:
    assert through(text("USA"), {"type": closing}) == [text(""), text("USA"), {"type": closing}]


def test_a_ping_closes_nothing() -> None:
    assert through(text("<CLI"), {"type": "ping"}, text("ENT_1>"))[-1] == text(ANA)


def test_a_stop_sequence_is_what_the_client_sent() -> None:
    ended = {"type": "message_delta", "delta": {"stop_reason": "stop_sequence", "stop_sequence": "<CLIENT_1>"}}
    assert through({**ended, "usage": {"output_tokens": 3}}) == [
        {**ended, "delta": {"stop_reason": "stop_sequence", "stop_sequence": ANA}, "usage": {"output_tokens": 3}}
    ]


def test_structured_text_is_json_and_thoughts_are_not() -> None:
    told = through(text('{"to":"<CLIENT_1>"}'), thinking('{"<CLIENT_1>"'), structured=True)
    assert json.loads(told[0]["delta"]["text"]) == {"to": ANA}
    assert told[1]["delta"]["thinking"] == f'{{"{ANA}"'


def test_a_sign_cut_in_halves_is_one_sign_in_a_tools_keys_and_values() -> None:
    pieces = ('{"\ud83d', '\ude00": "\ud83d', '\ude00 <AMOUNT_1>"}')
    told = through(*(delta("input_json_delta", "partial_json", piece) for piece in pieces))
    assert json.loads("".join(body["delta"]["partial_json"] for body in told)) == {"😀": "😀 1500"}
