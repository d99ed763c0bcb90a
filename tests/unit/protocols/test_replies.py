"""A whole reply, restored; JSON that is restored as JSON."""

import json
from typing import Any

import pytest

from ai_gateway.errors import VendorReplyUnreadable
from ai_gateway.protocols.replies import MAX_DEPTH, is_structured, restored
from ai_gateway.protocols.restoring_json import InJson
from ai_gateway.protocols.shape import Json
from stream_samples import VALUES, restorers

ANA = VALUES["<CLIENT_1>"]


def whole(text: str) -> str:
    restorer = InJson(restorers)
    return restorer.feed(text) + restorer.finish()


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ('{"a":"<CLIENT_1>"}', {"a": ANA}),
        (r'{"a":"\u003cCLIENT_1\u003E"}', {"a": ANA}),
        (r'{"a":"\u003c\u0043LIENT_1>"}', {"a": ANA}),
        (r'{"a":"C:\\Users\\<CLIENT_1>\\x"}', {"a": f"C:\\Users\\{ANA}\\x"}),
        (r'{"a":"\\<client\\_1\\>"}', {"a": ANA}),
        ('{"CLIENT_1":"x","b":{"<CLIENT_1>":["CLIENT_1"]}}', {"CLIENT_1": "x", "b": {"<CLIENT_1>": [ANA]}}),
        (r'{"a\"<CLIENT_1>":"b","CLIENT_1\\":1}', {'a"<CLIENT_1>': "b", "CLIENT_1\\": 1}),
        ('["CLIENT_1", {"CLIENT_1" : "CLIENT_1"} ,"CLIENT_1"]', [ANA, {"CLIENT_1": ANA}, ANA]),
        ('  "CLIENT_1"', ANA),
        ('{"fee": <AMOUNT_1>, "who": <CLIENT_1>}', {"fee": 1500, "who": ANA}),
        (r'{"a":"\ud83d\ude00 \ud83d"}', {"a": "😀 \ud83d"}),
        (r'{"a":"\q \u12"}', {"a": "\\q \\u12"}),
        ('{"a":"two\nlines"}', {"a": "two\nlines"}),
        ('{"a":["a","b"],"c":"d"}', {"a": ["a", "b"], "c": "d"}),
        ('{"a":1.50,"b":1e3,"c":null}', {"a": 1.5, "b": 1000.0, "c": None}),
    ],
)
def test_arguments_say_the_same_with_values_back(written: str, says: Json) -> None:
    assert json.loads(whole(written)) == says


@pytest.mark.parametrize(
    "text", ["", "  ", "{", '{"a', '{"a":"\\u00', '{"a":"\\', "nothing of JSON", "12", "\ud83d", "]}{"]
)
def test_what_needs_no_restoring_stays_as_it_is_even_if_it_is_cut(text: str) -> None:
    assert whole(text) == text


def test_arguments_that_are_no_json_are_text() -> None:
    assert whole('please mail <CLIENT_1> "now"') == f'please mail {ANA} "now"'


def test_keys_are_known_below_any_depth_that_is_read_again() -> None:
    deep = "[" * 1000 + "]" * 1000
    assert (
        whole(f'{{"a":{deep},"CLIENT_1":"CLIENT_1"}}')
        == f'{{"a":{deep},"CLIENT_1":{json.dumps(ANA, ensure_ascii=False)}}}'
    )


def test_a_restorer_of_json_is_ready_for_another() -> None:
    restorer = InJson(restorers)
    for _ in range(2):
        assert (
            restorer.feed('{"a":"CLIENT_1') + restorer.finish() == f'{{"a":"{json.dumps(ANA, ensure_ascii=False)[1:-1]}'
        )
    assert restorer.feed("plain CLIENT_1") + restorer.finish() == f"plain {ANA}"


def test_a_chat_completion_is_restored_throughout() -> None:
    message = {"role": "assistant", "content": "<CLIENT_1>", "refusal": None, "reasoning_content": "CLIENT_1"}
    call = {"id": "CLIENT_1", "type": "function", "function": {"name": "CLIENT_1", "arguments": '["CLIENT_1"]'}}
    tokens = [{"token": one, "logprob": -1.0, "bytes": [1], "top_logprobs": []} for one in ("<CLI", "ENT_1", ">")]
    choice: dict[str, Any] = {"index": 0, "finish_reason": "stop", "logprobs": {"content": tokens, "refusal": None}}
    reply: Any = {
        "id": "CLIENT_1",
        "model": "CLIENT_1",
        "choices": [{**choice, "message": {**message, "tool_calls": [call]}}],
    }
    told: Any = restored(reply, restorers)
    (back,) = told["choices"]
    assert (told["id"], told["model"], back["finish_reason"]) == ("CLIENT_1", "CLIENT_1", "stop")
    assert (back["message"]["content"], back["message"]["reasoning_content"]) == (ANA, ANA)
    function = back["message"]["tool_calls"][0]["function"]
    assert (function["name"], json.loads(function["arguments"])) == ("CLIENT_1", [ANA])
    assert [token["token"] for token in back["logprobs"]["content"]] == ["", "", ANA]
    assert back["logprobs"]["content"][2]["bytes"] == list(ANA.encode())


@pytest.mark.parametrize(
    ("field", "inner"), [("content", "url_citation"), ("text", None)], ids=["in a chat", "in a response"]
)
def test_the_places_of_annotations_move_with_the_text_before_them(field: str, inner: str | None) -> None:
    text = "<CLIENT_1> likes <AMOUNT_1>, and so do I."
    places: dict[str, Any] = {"start_index": text.index("likes"), "end_index": text.index(","), "title": "<CLIENT_1>"}
    annotation: Json = {"type": "url_citation", inner: places} if inner else {"type": "url_citation", **places}
    told: Any = restored({field: text, "annotations": [annotation, {"type": "file_citation", "index": 2}]}, restorers)
    moved = told["annotations"][0][inner] if inner else told["annotations"][0]
    assert told[field][moved["start_index"] : moved["end_index"]] == "likes 1500"
    assert moved["title"] == ANA
    assert told["annotations"][1] == {"type": "file_citation", "index": 2}


def test_the_places_of_annotations_in_json_are_left_out() -> None:
    annotation: Json = {"start_index": 1, "end_index": 2, "url": "https://a.example"}
    told: Any = restored({"text": '["CLIENT_1"]', "annotations": [annotation]}, restorers, structured=True)
    assert told["annotations"] == [{"url": "https://a.example"}]


def test_alternatives_beside_a_token_do_not_disturb_what_the_tokens_before_it_hold_back() -> None:
    def token(text: str) -> dict[str, Any]:
        return {"token": text, "logprob": -1.0, "top_logprobs": [{"token": text, "logprob": -1.0}]}

    told: Any = restored({"content": [token(one) for one in ("<CLI", "ENT_1", ">", "<CLIENT_1>")]}, restorers)
    assert [one["token"] for one in told["content"]] == ["", "", ANA, ANA]
    assert [one["top_logprobs"][0]["token"] for one in told["content"]] == ["<CLI", "ENT_1", ">", ANA]


def test_a_message_is_restored_throughout_and_what_is_sealed_stays() -> None:
    reply: Json = {
        "content": [
            {"type": "thinking", "thinking": "CLIENT_1", "signature": "<CLIENT_1>"},
            {
                "type": "tool_use",
                "id": "CLIENT_1",
                "name": "CLIENT_1",
                "input": {"name": "CLIENT_1", "id": ["CLIENT_1"]},
            },
        ],
        "stop_sequence": "CLIENT_1",
    }
    assert restored(reply, restorers) == {
        "content": [
            {"type": "thinking", "thinking": ANA, "signature": "<CLIENT_1>"},
            {"type": "tool_use", "id": "CLIENT_1", "name": "CLIENT_1", "input": {"name": ANA, "id": [ANA]}},
        ],
        "stop_sequence": ANA,
    }


def test_structured_output_is_json_and_a_summary_is_not() -> None:
    reply: Json = [
        {"type": "output_text", "text": '{"to":"<CLIENT_1>"}'},
        {"type": "summary_text", "text": '{"to":"<CLIENT_1>"}'},
    ]
    told: Any = restored(reply, restorers, structured=True)
    assert json.loads(told[0]["text"]) == {"to": ANA}
    assert told[1]["text"] == f'{{"to":"{ANA}"}}'


def test_a_reply_nested_too_deeply_is_refused() -> None:
    reply: Json = "x"
    for _ in range(MAX_DEPTH + 1):
        reply = [reply]
    with pytest.raises(VendorReplyUnreadable):
        restored(reply, restorers)


def test_tokens_nested_too_deeply_are_refused() -> None:
    reply: Json = []
    for _ in range(MAX_DEPTH + 1):
        reply = [{"token": "x", "logprob": 0, "top_logprobs": reply}]
    with pytest.raises(VendorReplyUnreadable):
        restored(reply, restorers)


@pytest.mark.parametrize(
    ("request_", "structured"),
    [
        ({"response_format": {"type": "json_object"}}, True),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, True),
        ({"text": {"format": {"type": "json_schema"}}}, True),
        ({"output_config": {"format": {"type": "json_schema"}}}, True),
        ({"output_format": {"type": "json_schema"}}, True),
        ({"response_format": {"type": "text"}}, False),
        ({"text": {"format": {"type": "text"}}}, False),
        ({"text": "x", "response_format": None}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_request_for_json_is_known_in_any_protocol(request_: Json, structured: bool) -> None:  # noqa: FBT001
    assert is_structured(request_) is structured
