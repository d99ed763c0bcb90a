"""Chat completions, chunk by chunk: what comes in, what goes on."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.sse import Event
from stream_samples import VALUES, bodies, event, released

ANA = VALUES["<CLIENT_1>"]
HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 7, "model": "m-1", "system_fingerprint": "fp"}


def chunk(delta: dict[str, Any], ends: str | None = None, index: int = 0, **more: Any) -> dict[str, Any]:
    return {**HEAD, "choices": [{"index": index, "delta": delta, "finish_reason": ends, **more}]}


def through(*told: dict[str, Any]) -> list[dict[str, Any]]:
    return bodies(released(Protocol.CHAT, [event(body) for body in told]))


def deltas(told: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [choice["delta"] for body in told for choice in body["choices"]]


def test_what_waits_comes_in_a_chunk_before_the_finish_reason() -> None:
    told = through(chunk({"content": "It is CLIENT_1"}), chunk({}, "stop"))
    assert told == [chunk({"content": "It is "}), chunk({"content": ANA}), chunk({}, "stop")]


def test_what_waits_is_joined_to_the_text_that_comes_with_the_finish_reason() -> None:
    assert through(chunk({"content": "<CLI"}), chunk({"content": "ENT_1> USA"}, "length")) == [
        chunk({"content": ""}),
        chunk({"content": f"{ANA} USA"}, "length"),
    ]


def test_each_choice_closes_for_itself() -> None:
    told = through(
        chunk({"content": "<CLI"}),
        chunk({"content": "USA"}, index=1),
        chunk({}, "stop", 1),
        chunk({"content": "ENT_1>"}),
    )
    assert [(body["choices"][0]["index"], body["choices"][0]["delta"].get("content")) for body in told] == [
        (0, ""),
        (1, ""),
        (1, "USA"),
        (1, None),
        (0, ANA),
    ]


def test_several_choices_in_one_chunk_keep_apart() -> None:
    both = chunk({"content": "<CLI"})
    both["choices"] += chunk({"content": "ENT_1>"}, index=1)["choices"]
    assert deltas(through(both)) == [{"content": ""}, {"content": "ENT_1>"}, {"content": "<CLI"}]


def test_usage_comes_last_and_as_it_was() -> None:
    usage = {**HEAD, "choices": [], "usage": {"total_tokens": 9}}
    told = released(Protocol.CHAT, [event(chunk({"content": "USA"})), event(usage), Event(data="[DONE]")])
    assert [json.loads(one.data).get("usage") for one in told[:-1]] == [None, None, {"total_tokens": 9}]
    assert told[-1].data == "[DONE]"


def test_where_chunks_have_a_usage_field_an_added_one_has_it_empty() -> None:
    told = through({**chunk({"content": "USA"}), "usage": {"total_tokens": 9}})
    assert [body["usage"] for body in told] == [{"total_tokens": 9}, None]


def test_a_tool_call_in_pieces_keeps_its_id_name_and_index() -> None:
    first = {"index": 2, "id": "call_1", "type": "function", "function": {"name": "GET", "arguments": '{"to":"CLI'}}
    more = {"index": 2, "function": {"arguments": "ENT_1"}}
    told = deltas(through(chunk({"tool_calls": [first]}), chunk({"tool_calls": [more]}), chunk({}, "tool_calls")))
    assert told[0]["tool_calls"] == [{**first, "function": {"name": "GET", "arguments": '{"to":"'}}]
    assert told[1]["tool_calls"] == [{"index": 2, "function": {"arguments": ""}}]
    assert told[2]["tool_calls"] == [{"index": 2, "function": {"arguments": json.dumps(ANA, ensure_ascii=False)[1:-1]}}]


def test_parallel_tool_calls_in_one_chunk_keep_apart() -> None:
    def calls(*written: str) -> dict[str, Any]:
        return {"tool_calls": [{"index": n, "function": {"arguments": one}} for n, one in enumerate(written)]}

    told = deltas(through(chunk(calls('["<AMOU', '["<PERSON')), chunk(calls('NT_1>"]', '_9>"]'))))
    assert told == [calls('["', '["'), calls('1500"]', '<PERSON_9>"]')]


def test_a_custom_tools_input_is_text() -> None:
    told = deltas(through(chunk({"tool_calls": [{"index": 0, "custom": {"input": '{"a\\b": <CLIENT_1>}'}}]})))
    assert told == [{"tool_calls": [{"index": 0, "custom": {"input": f'{{"a\\b": {ANA}}}'}}]}]


def test_the_old_function_call_is_json_too() -> None:
    told = deltas(through(chunk({"function_call": {"name": "f", "arguments": '{"to":"<CLIENT_1>"}'}})))
    assert json.loads(told[0]["function_call"]["arguments"]) == {"to": ANA}


def test_a_call_that_comes_complete_without_an_index_is_restored_at_once() -> None:
    call = {"id": "c", "function": {"name": "f", "arguments": '{"to":"CLIENT_1"}'}}
    (told,) = deltas(through(chunk({"tool_calls": [call]})))
    assert json.loads(told["tool_calls"][0]["function"]["arguments"]) == {"to": ANA}


def test_thoughts_end_before_the_answer_begins() -> None:
    told = deltas(through(chunk({"reasoning_content": "in the USA"}), chunk({"content": "Yes"})))
    assert told == [{"reasoning_content": "in the "}, {"reasoning_content": "USA"}, {"content": "Yes"}]


def test_thoughts_end_before_a_call_and_the_answer_before_more_thoughts() -> None:
    call = {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}
    told = deltas(through(chunk({"reasoning": "A"}), chunk(call), chunk({"content": "B"}), chunk({"reasoning": "c"})))
    assert told == [{"reasoning": ""}, {"reasoning": "A"}, call, {"content": ""}, {"content": "B"}, {"reasoning": "c"}]


def test_an_empty_content_beside_a_thought_ends_nothing() -> None:
    told = deltas(through(*(chunk({"content": "", "reasoning_content": piece}) for piece in ("<CLI", "ENT_1>"))))
    assert [delta["reasoning_content"] for delta in told] == ["", ANA]


def test_parts_told_apart_by_type_go_on_by_type() -> None:
    def part(text: str) -> dict[str, Any]:
        return {"content": [{"type": "text", "text": text}]}

    assert deltas(through(chunk(part("<CLI")), chunk(part("ENT_1> A")))) == [part(""), part(f"{ANA} "), part("A")]


def test_details_of_reasoning_go_on_by_index() -> None:
    def details(text: str) -> dict[str, Any]:
        return {"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": text, "signature": "CLIENT_1"}]}

    told = deltas(through(chunk(details("<CLI")), chunk(details("ENT_1>"))))
    assert told == [details(""), details(ANA)]


def _cited(title: str, *places: int) -> dict[str, Any]:
    """A citation, with the places of the text it is about."""
    indexes = dict(zip(("start_index", "end_index"), places, strict=False))
    return {"annotations": [{"type": "url_citation", "url_citation": {"title": title, **indexes}}]}


def test_a_citation_is_restored_as_a_whole_and_mixes_with_no_other() -> None:
    assert deltas(through(chunk(_cited("CLIENT_1")), chunk(_cited("B")))) == [_cited(ANA), _cited("B")]


@pytest.mark.parametrize("finish", [None, "stop"])
def test_the_places_of_a_citation_move_with_the_text_before_them(finish: str | None) -> None:
    last = {**_cited("A", 13, 29), "content": "ENT_1> likes <AMOUNT_1>."}
    told = through(chunk({"content": "A <CLI"}), chunk(last, finish))
    text = "".join(delta.get("content", "") for delta in deltas(told))
    assert text == f"A {ANA} likes 1500."
    (cited,) = (delta["annotations"][0]["url_citation"] for delta in deltas(told) if "annotations" in delta)
    assert text[cited["start_index"] : cited["end_index"]] == "likes 1500"


def test_a_place_in_a_text_that_was_never_told_is_left_out() -> None:
    assert deltas(through(chunk(_cited("A", 3, 5)))) == [_cited("A")]


def _token(text: str, *others: str) -> dict[str, Any]:
    tops = [{"token": other, "logprob": -2.0, "bytes": list(other.encode())} for other in others]
    return {"token": text, "logprob": -0.5, "bytes": list(text.encode()), "top_logprobs": tops}


def _tokens(*texts: str) -> dict[str, Any]:
    return {"content": [_token(text) for text in texts], "refusal": None}


def test_tokens_join_to_the_restored_text_with_their_bytes() -> None:
    told = through(
        chunk({"content": "Hi <CLI"}, logprobs=_tokens("Hi", " <CLI")),
        chunk({"content": "ENT_1>"}, logprobs=_tokens("ENT_1>")),
    )
    assert [body["choices"][0]["logprobs"] for body in told] == [_tokens("Hi", " "), _tokens(ANA)]


def test_a_token_that_waits_comes_before_the_finish_reason() -> None:
    told = through(chunk({"content": "A"}, logprobs=_tokens("A")), chunk({}, "stop", logprobs=None))
    assert [body["choices"][0]["logprobs"] for body in told] == [
        *(_tokens(""), None, {"content": [_token("A")]}, None),
    ]
    assert told[-1] == chunk({}, "stop", logprobs=None)


def test_other_tokens_that_were_likely_are_restored_each_alone() -> None:
    told = through(chunk({"content": "x"}, logprobs={"content": [_token("x", "<CLIENT_1>", "<CLI")]}))
    assert told[0]["choices"][0]["logprobs"] == {"content": [_token("x", ANA, "<CLI")]}


def test_a_delta_of_any_depth_is_restored() -> None:
    nested: dict[str, Any] = {"arguments": '["CLIENT_1"]'}
    for _ in range(40):
        nested = {"function": nested}
    (told,) = deltas(through(chunk(nested)))
    for _ in range(40):
        told = told["function"]
    assert json.loads(told["arguments"]) == [ANA]


def test_a_last_token_is_not_told_apart_from_the_finish_reason() -> None:
    ended = chunk({"content": "A"}, "stop", logprobs=_tokens("A"))
    assert through(ended) == [ended]
