"""OpenAI's responses, event by event: what comes in, what goes on."""

import json
from typing import Any

import pytest

from ai_gateway.protocols.protocol import Protocol
from stream_samples import VALUES, bodies, event, released

ANA = VALUES["<CLIENT_1>"]
PLACE = {"item_id": "msg_1", "output_index": 0, "content_index": 0}


def told_of(kind: str, place: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", **(PLACE if place is None else place), **more}


def through(*told: dict[str, Any], first: int = 0) -> list[dict[str, Any]]:
    events = [event({**body, "sequence_number": first + n}, named=True) for n, body in enumerate(told)]
    out = bodies(released(Protocol.RESPONSES, events))
    assert [body.pop("sequence_number") for body in out] == list(range(first, first + len(out)))
    return out


CHANNELS = [
    ("output_text", "text", PLACE),
    ("refusal", "refusal", PLACE),
    ("reasoning_text", "text", PLACE),
    ("reasoning_summary_text", "text", {"item_id": "rs_1", "output_index": 1, "summary_index": 2}),
    ("custom_tool_call_input", "input", {"item_id": "ctc_1", "output_index": 3}),
    ("code_interpreter_call_code", "code", {"item_id": "ci_1", "output_index": 3}),
    ("some_later_text", "text", {"item_id": "x_1"}),
]


@pytest.mark.parametrize(("kind", "field", "place"), CHANNELS)
def test_what_waits_comes_before_the_complete_copy(kind: str, field: str, place: dict[str, Any]) -> None:
    done = told_of(f"{kind}.done", place, **{field: "by CLIENT_1"})
    told = through(told_of(f"{kind}.delta", place, delta="by CLIENT_1"), done, first=5)
    assert told == [
        told_of(f"{kind}.delta", place, delta="by "),
        told_of(f"{kind}.delta", place, delta=ANA),
        {**done, field: f"by {ANA}"},
    ]


@pytest.mark.parametrize("kind", ["function_call_arguments", "mcp_call_arguments"])
def test_arguments_and_their_copy_are_the_same_valid_json(kind: str) -> None:
    place = {"item_id": "fc_1", "output_index": 1}
    arguments = '{"to": "\\u003cCLIENT_1>"}'
    deltas = [told_of(f"{kind}.delta", place, delta=char) for char in arguments]
    told = through(*deltas, told_of(f"{kind}.done", place, arguments=arguments))
    joined = "".join(body.get("delta", "") for body in told)
    assert json.loads(joined) == {"to": ANA}
    assert told[-1]["arguments"] == joined


@pytest.mark.parametrize(
    "closing",
    [
        told_of("content_part.done", part={"type": "output_text", "text": "USA"}),
        told_of("output_item.done", {"output_index": 0}, item={"type": "message"}),
        *(told_of(kind, {}, response={"id": "r"}) for kind in ("completed", "incomplete", "failed")),
        {"type": "error", "message": "x"},
    ],
)
def test_what_waits_comes_before_whatever_closes_its_text(closing: dict[str, Any]) -> None:
    told = through(told_of("output_text.delta", delta="USA"), closing)
    assert told == [told_of("output_text.delta", delta=""), told_of("output_text.delta", delta="USA"), closing]


def test_what_closes_another_text_leaves_this_one() -> None:
    others = [
        told_of("output_text.done", {**PLACE, "content_index": 1}, text="x"),
        told_of("refusal.done", refusal="x"),
        told_of("output_item.done", {"output_index": 1}, item={"type": "message"}),
        told_of("in_progress", {}, response={"id": "r"}),
    ]
    told = through(told_of("output_text.delta", delta="<CLI"), *others, told_of("output_text.delta", delta="ENT_1>"))
    assert told[1:] == [*others, told_of("output_text.delta", delta=ANA)]


def test_text_in_an_added_part_goes_on_in_its_deltas() -> None:
    def part(text: str) -> dict[str, Any]:
        return told_of("content_part.added", part={"type": "output_text", "text": text, "annotations": []})

    told = through(part("<CLI"), told_of("output_text.delta", delta="ENT_1>"))
    assert told == [part(""), told_of("output_text.delta", delta=ANA)]


def test_what_waits_of_an_added_item_comes_as_a_delta_of_its_kind() -> None:
    def item(text: str) -> dict[str, Any]:
        return {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c", "name": "f", "input": text}

    place = {"output_index": 0}
    told = through(
        told_of("output_item.added", place, item=item("USA")), told_of("output_item.done", place, item=item("USA"))
    )
    assert told == [
        told_of("output_item.added", place, item=item("")),
        told_of("custom_tool_call_input.delta", {"item_id": "ctc_1", **place}, delta="USA"),
        told_of("output_item.done", place, item=item("USA")),
    ]


def test_an_added_delta_has_no_padding_and_no_tokens() -> None:
    told = through(told_of("output_text.delta", delta="USA", logprobs=[], obfuscation="abc"))
    assert told[1] == told_of("output_text.delta", delta="USA", logprobs=[])


def test_tokens_join_to_the_restored_text() -> None:
    def tokens(*texts: str) -> list[dict[str, Any]]:
        return [{"token": text, "logprob": -1.0, "bytes": list(text.encode()), "top_logprobs": []} for text in texts]

    told = through(
        told_of("output_text.delta", delta="<CLI", logprobs=tokens("<CLI")),
        told_of("output_text.delta", delta="ENT_1> A", logprobs=tokens("ENT_1>", " A")),
        told_of("output_text.done", text="<CLIENT_1> A", logprobs=tokens("<CLI", "ENT_1>", " A")),
    )
    spoken = [token["token"] for body in told if "delta" in body for token in body["logprobs"]]
    assert "".join(spoken) == "".join(body.get("delta", "") for body in told) == f"{ANA} A"
    assert told[-1]["logprobs"] == tokens("", ANA, " A")


def test_the_whole_response_is_restored_and_its_ids_are_not() -> None:
    response = {"id": "CLIENT_1", "status": "completed", "instructions": "<CLIENT_1>", "tools": [{"name": "CLIENT_1"}]}
    output = [{"type": "function_call", "call_id": "CLIENT_1", "arguments": '{"CLIENT_1":"CLIENT_1"}'}]
    (told,) = through(told_of("completed", {}, response={**response, "output": output, "usage": {"total_tokens": 3}}))
    arguments = json.dumps({"CLIENT_1": ANA}, ensure_ascii=False, separators=(",", ":"))
    assert told["response"] == {
        **response,
        "instructions": ANA,
        "output": [{**output[0], "arguments": arguments}],
        "usage": {"total_tokens": 3},
    }


def test_a_vendor_that_does_not_number_its_events_gets_no_numbers() -> None:
    told = released(Protocol.RESPONSES, [event(told_of("output_text.delta", delta="USA"))])
    assert [json.loads(one.data) for one in told] == [
        told_of("output_text.delta", delta=""),
        told_of("output_text.delta", delta="USA"),
    ]


def test_sound_is_not_text() -> None:
    sound = told_of("audio.delta", {}, delta="CLIENT")
    assert through(sound) == [sound]


def test_the_places_of_an_annotation_move_with_the_text_before_them() -> None:
    text = "by <CLIENT_1> for <AMOUNT_1>."
    places = {"start_index": text.index("for"), "end_index": len(text) - 1}
    note = {"type": "url_citation", **places, "title": "<CLIENT_1>"}
    part = {"type": "output_text", "text": text, "annotations": [note]}
    added = told_of("output_text.annotation.added", annotation_index=0, annotation=note)
    told = through(
        told_of("output_text.delta", delta=text), added, told_of("output_text.done", text=text), told_of("x", part=part)
    )
    said, moved = told[0]["delta"], told[1]["annotation"]
    assert said[moved["start_index"] : moved["end_index"]] == "for 1500"
    assert told[3]["part"]["annotations"] == [moved]
    assert moved["title"] == ANA


def test_the_place_of_an_annotation_that_comes_too_late_is_left_out() -> None:
    note = {"type": "url_citation", "start_index": 0, "end_index": 2, "url": "https://a.example"}
    added = told_of("output_text.annotation.added", annotation=note)
    told = through(told_of("output_text.delta", delta="ab"), told_of("output_text.done", text="ab"), added)
    assert told[-1]["annotation"] == {"type": "url_citation", "url": "https://a.example"}
