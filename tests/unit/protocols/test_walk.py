import itertools
import json

import pytest

from ai_gateway.errors import (
    ContentNotInspectable,
    FieldUnknown,
    RequestInvalid,
    RoutingRefused,
    ServerStateRefused,
    ShapeRefused,
)
from ai_gateway.protocols import chat, embeddings, messages, responses
from ai_gateway.protocols.shape import Json, Shape, Uninspected
from ai_gateway.protocols.walk import rebuild, rewrite, texts

CHAT: dict[str, Json] = {
    "model": "assistant",
    "user": "zephyrine@quillfeather.example",
    "metadata": {"note": "Zephyrine"},
    "messages": [
        {"role": "system", "content": "t0"},
        {"role": "user", "name": "t1", "content": [{"type": "text", "text": "t2"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "send", "arguments": '{"to": "t3", "times": 3, "deep": ["t5", null, true]}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "t6"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "send",
                "description": "t7",
                "parameters": {"type": "object", "properties": {"to": {"type": "string", "default": "t9"}}},
            },
        }
    ],
    "stop": ["t10"],
    "temperature": 0.2,
    "stream": False,
}

MESSAGES: dict[str, Json] = {
    "model": "assistant",
    "max_tokens": 100,
    "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"to": "a"}}]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "r"}]}],
        },
    ],
    "metadata": {"user_id": "zephquill"},
}

RESPONSES: dict[str, Json] = {
    "model": "assistant",
    "instructions": "i",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "u"}]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"x": "a"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "o"},
    ],
    "store": False,
}

EMBEDDINGS: dict[str, Json] = {"model": "e", "input": ["a", "b"], "user": "zephquill"}


@pytest.mark.parametrize(
    ("shape", "body", "expected"),
    [
        (
            chat.REQUEST,
            CHAT,
            ["t0", "t1", "t2", "t3", "t5", "t6", "t7", "t9", "t10"],
        ),
        (messages.REQUEST, MESSAGES, ["s", "u", "a", "r"]),
        (responses.REQUEST, RESPONSES, ["i", "u", "a", "o"]),
        (embeddings.REQUEST, EMBEDDINGS, ["a", "b"]),
    ],
)
def test_every_text_is_found_and_nothing_else(shape: Shape, body: Json, expected: list[str]) -> None:
    assert [leaf.text for leaf in texts(shape, body)] == expected


def test_a_text_knows_its_speaker_and_its_place() -> None:
    leaves = {leaf.text: leaf.place for leaf in texts(chat.REQUEST, CHAT)}
    assert leaves["t0"].role == "system"
    assert leaves["t2"].role == "user"
    assert leaves["t2"].pointer == "/messages/1/content/0/text"
    assert leaves["t3"].embedded
    assert leaves["t7"].role == "tool"


def test_rebuilding_with_the_same_texts_changes_nothing_but_what_is_dropped() -> None:
    same = rebuild(chat.REQUEST, CHAT, iter([leaf.text for leaf in texts(chat.REQUEST, CHAT)]))
    assert same == {name: value for name, value in CHAT.items() if name not in {"user", "metadata"}}


def test_what_asks_the_vendor_to_cache_is_left_out_wherever_it_stands() -> None:
    part: Json = {"type": "text", "text": "t", "prompt_cache_breakpoint": {"type": "ephemeral"}}
    body: Json = {
        "model": "m",
        "messages": [{"role": "user", "content": [part]}],
        "prompt_cache_options": {"ttl": "30m"},
    }

    same = rebuild(chat.REQUEST, body, iter(["t"]))

    assert same == {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "t"}]}]}


def test_a_program_of_the_vendors_may_not_call_tools() -> None:
    tool: Json = {"name": "f", "input_schema": {}, "allowed_callers": ["code_execution_20260120"]}

    with pytest.raises(RequestInvalid):
        texts(messages.REQUEST, {**_least(messages.REQUEST), "tools": [tool]})


def test_arguments_stay_valid_json_whatever_replaces_their_texts() -> None:
    nasty = itertools.repeat('a "quoted"\n\\ <CLIENT_1>')
    rebuilt = rebuild(chat.REQUEST, CHAT, nasty)
    assert isinstance(rebuilt, dict)
    call = rebuilt["messages"][2]["tool_calls"][0]["function"]  # type: ignore[index, call-overload]
    assert json.loads(call["arguments"])["to"] == 'a "quoted"\n\\ <CLIENT_1>'  # type: ignore[index, call-overload, arg-type]


def test_arguments_that_are_not_json_are_treated_as_text() -> None:
    body: Json = {
        "model": "m",
        "messages": [{"role": "assistant", "function_call": {"name": "f", "arguments": '{"to": "t'}}],
    }
    assert [leaf.text for leaf in texts(chat.REQUEST, body)] == ['{"to": "t']


IMAGE: Json = {"type": "image_url", "image_url": {"url": "https://pictures.example/a.png", "detail": "low"}}


def _least(shape: Shape) -> dict[str, Json]:
    return {
        id(chat.REQUEST): CHAT,
        id(messages.REQUEST): MESSAGES,
        id(responses.REQUEST): RESPONSES,
        id(embeddings.REQUEST): EMBEDDINGS,
    }[id(shape)]


REFUSED: list[tuple[Shape, dict[str, Json], type[ShapeRefused]]] = [
    (chat.REQUEST, {"api_base": "http://elsewhere.example"}, RoutingRefused),
    (chat.REQUEST, {"extra_headers": {"x": "y"}}, RoutingRefused),
    (chat.REQUEST, {"extra_body": {}}, RoutingRefused),
    (chat.REQUEST, {"store": True}, ServerStateRefused),
    (chat.REQUEST, {"web_search_options": {}}, ContentNotInspectable),
    (chat.REQUEST, {"no_such_field": 1}, FieldUnknown),
    (chat.REQUEST, {"tools": [{"type": "code_interpreter"}]}, ContentNotInspectable),
    (
        chat.REQUEST,
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:x"}}]}]},
        ContentNotInspectable,
    ),
    (chat.REQUEST, {"messages": [{"role": "narrator", "content": "x"}]}, ContentNotInspectable),
    (messages.REQUEST, {"messages": [{"role": "user", "content": [{"type": "image"}]}]}, ContentNotInspectable),
    (messages.REQUEST, {"tools": [{"type": "web_search_20250305", "name": "w"}]}, ContentNotInspectable),
    (messages.REQUEST, {"mcp_servers": [{"url": "http://x.example"}]}, ContentNotInspectable),
    (messages.REQUEST, {"thread": {"type": "create"}}, ServerStateRefused),
    (messages.REQUEST, {"diagnostics": {"previous_message_id": "msg_1"}}, ServerStateRefused),
    (responses.REQUEST, {"previous_response_id": "resp_1"}, ServerStateRefused),
    (responses.REQUEST, {"store": True}, ServerStateRefused),
    (responses.REQUEST, {"background": True}, ServerStateRefused),
    (responses.REQUEST, {"input": [{"type": "item_reference", "id": "x"}]}, ServerStateRefused),
    (responses.REQUEST, {"tools": [{"type": "file_search"}]}, ContentNotInspectable),
    (embeddings.REQUEST, {"input": [[1, 2, 3]]}, ContentNotInspectable),
    (embeddings.REQUEST, {"input": [1, 2, 3]}, ContentNotInspectable),
]


@pytest.mark.parametrize(("shape", "change", "error"), REFUSED)
def test_what_cannot_be_inspected_is_refused_by_name(
    shape: Shape, change: dict[str, Json], error: type[ShapeRefused]
) -> None:
    with pytest.raises(ShapeRefused) as refused:
        texts(shape, {**_least(shape), **change})
    assert type(refused.value) is error
    assert refused.value.facts["at"] is not None


@pytest.mark.parametrize("name", ["Zephyrine Quillfeather, 415-555-0173", "danabuilds", "Brightwater"])
def test_a_refusal_does_not_repeat_what_people_wrote_but_says_where(name: str) -> None:
    with pytest.raises(FieldUnknown) as unknown:
        texts(chat.REQUEST, {**CHAT, name: 1})
    assert unknown.value.facts == {"at": f"/*{len(CHAT)}"}
    with pytest.raises(ContentNotInspectable) as refused:
        texts(chat.REQUEST, {**CHAT, "messages": [{"role": name, "content": "x"}]})
    for error in (unknown.value, refused.value):
        assert name not in f"{error!r} {error} {error.detail} {error.facts!r}"


@pytest.mark.parametrize(
    ("change", "at", "said"),
    [
        ({"thinking_budget": 1}, "/thinking_budget", "only the fields it knows"),
        ({"tempreature": 0.1}, "/*", "is temperature meant?"),
        ({"tools": [{"type": "web_search_20250305"}]}, "/tools/0", ": web_search_20250305"),
        ({"messages": [{"role": "user", "content": [{"type": "video_url"}]}]}, "/messages/0/content/0", ": video_url"),
    ],
)
def test_words_of_the_protocols_are_said_back(change: dict[str, Json], at: str, said: str) -> None:
    with pytest.raises(ShapeRefused) as refused:
        texts(chat.REQUEST, {**CHAT, **change})
    assert str(refused.value.facts["at"]).startswith(at)
    assert said in refused.value.detail


def test_nesting_is_bounded() -> None:
    deep: Json = "x"
    for _ in range(200):
        deep = [deep]
    body: dict[str, Json] = {**CHAT, "tools": [{"type": "function", "function": {"name": "f", "parameters": deep}}]}
    with pytest.raises(RequestInvalid):
        texts(chat.REQUEST, body)


def test_a_number_becomes_a_string_only_when_it_was_replaced() -> None:
    body: Json = {
        "model": "m",
        "messages": [{"role": "assistant", "function_call": {"name": "f", "arguments": '{"a": 4155550173, "b": 2}'}}],
    }
    rebuilt = rebuild(chat.REQUEST, body, iter(["<PHONE_1>"]))
    assert rebuilt["messages"][0]["function_call"]["arguments"] == '{"a": "<PHONE_1>", "b": 2}'  # type: ignore[index, call-overload]


def test_a_repeated_key_in_arguments_hides_no_text() -> None:
    arguments = '{"to": "t1", "to": "t2"}'
    body: Json = {
        "model": "m",
        "messages": [{"role": "assistant", "function_call": {"name": "f", "arguments": arguments}}],
    }
    assert [leaf.text for leaf in texts(chat.REQUEST, body)] == [arguments]


def test_a_place_in_free_json_never_names_a_key_of_the_clients() -> None:
    tool: Json = {"type": "function", "function": {"name": "f", "parameters": {"Zephyrine": {"description": "d"}}}}
    (leaf,) = texts(chat.REQUEST, {"model": "m", "messages": [], "tools": [tool]})
    assert leaf.place.pointer == "/tools/0/function/parameters/*0/description"


def test_the_signature_of_thinking_passes_as_the_vendor_gave_it() -> None:
    block: Json = {"type": "thinking", "thinking": "t", "signature": "EqQB+/" * 200 + "=="}
    body: Json = {"model": "m", "max_tokens": 1, "messages": [{"role": "assistant", "content": [block]}]}
    assert rebuild(messages.REQUEST, body, iter(["t"])) == body


SEALED: list[tuple[Shape, dict[str, Json], Uninspected]] = [
    (chat.REQUEST, {"messages": [{"role": "user", "content": [IMAGE]}]}, Uninspected.IMAGES),
    (
        chat.REQUEST,
        {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "UklGRg=="}}]}]},
        Uninspected.AUDIO,
    ),
    (
        messages.REQUEST,
        {
            "messages": [
                {"role": "user", "content": [{"type": "document", "source": {"type": "base64", "data": "JVBERi0="}}]}
            ]
        },
        Uninspected.FILES,
    ),
    (
        messages.REQUEST,
        {"messages": [{"role": "assistant", "content": [{"type": "redacted_thinking", "data": "EqQB"}]}]},
        Uninspected.ENCRYPTED_REASONING,
    ),
    (
        responses.REQUEST,
        {
            "input": [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}],
            "include": ["reasoning.encrypted_content"],
        },
        Uninspected.ENCRYPTED_REASONING,
    ),
    (embeddings.REQUEST, {"input": [[1, 2, 3], "four"]}, Uninspected.TOKENS),
]


@pytest.mark.parametrize(("shape", "change", "kind"), SEALED)
def test_what_a_policy_lets_pass_uninspected_passes_as_it_is_and_nothing_else(
    shape: Shape, change: dict[str, Json], kind: Uninspected
) -> None:
    body = {**_least(shape), **change}
    passed = rewrite(shape, body, lambda _place, text: text, frozenset({kind}))
    assert isinstance(passed, dict)
    assert {name: passed[name] for name in change} == change
    others = frozenset(Uninspected) - {kind}
    for passing in (frozenset[Uninspected](), others):
        with pytest.raises(ContentNotInspectable):
            texts(shape, body, passing)


def test_texts_beside_what_passes_uninspected_are_texts() -> None:
    content: Json = [IMAGE, {"type": "text", "text": "Who is this?"}]
    body: Json = {**CHAT, "messages": [{"role": "user", "content": content}]}
    found = [leaf.text for leaf in texts(chat.REQUEST, body, frozenset({Uninspected.IMAGES}))]
    assert "Who is this?" in found
    assert not [text for text in found if "pictures.example" in text]
