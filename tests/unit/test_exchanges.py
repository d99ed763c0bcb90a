"""A request in a vendor's protocol becomes items, and items a request again."""

from dataclasses import replace
from typing import Any

import pytest

from ai_gateway.errors import FieldUnknown, RequestInvalid, RequestTooLarge
from ai_gateway.exchanges import MAX_TEXTS, Attribution, call_of, read, rebuilt
from ai_gateway.model import (
    Action,
    Call,
    CallerId,
    FeatureName,
    Permission,
    Role,
    Subject,
    SubjectId,
    TreatedItem,
    TreatedPrompt,
    Visibility,
)
from ai_gateway.policies.decide import decide
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.shape import Json
from builders_policies import consents, shipped

ASSISTANT, MARKETPLACE = FeatureName("assistant"), CallerId("marketplace")
ACTOR = SubjectId("pro_17")

BODY: dict[str, Json] = {
    "model": "gpt-x",
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "send",
                "description": "d",
                "parameters": {"type": "object", "properties": {"a": {"description": "same"}, "b": {"title": "same"}}},
            },
        }
    ],
    "messages": [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": "a"},
        {"role": "tool", "tool_call_id": "c", "content": "t"},
        {"role": "user", "content": "  "},
    ],
    "stop": "x",
}


def call(body: Json = None, **said: Any) -> Call:
    attribution = Attribution(**{"actor": ACTOR, **said})
    return call_of(read(Protocol.CHAT, BODY if body is None else body), ASSISTANT, MARKETPLACE, attribution)


def permitted(asked: Call) -> Permission:
    policies = shipped()
    feature = policies.features[ASSISTANT]
    people = {id_: Subject(id=id_, role=Role.CLIENT, registered=False) for id_ in asked.people()}
    choice = next(choice for choice in feature.vendors if choice.vendor == "standin")
    decision = decide(policies, feature, choice, replace(asked, unattributed=True), people, consents())
    assert isinstance(decision, Permission), decision
    return decision


def treated(permission: Permission, new: dict[str, str]) -> TreatedPrompt:
    fates = {fate.item: fate for fate in permission.items}
    items = tuple(
        TreatedItem(path=i.path, input=i.input, text=new.get(i.text, i.text), decision=fates[i.path], spans=())
        for i in permission.call.items
        if fates[i.path].action is Action.SHARED
    )
    return TreatedPrompt(permission=permission, items=items, pseudonyms=(), identifiers=frozenset(), entities={})


def test_every_text_is_an_item_by_who_speaks_and_definitions_come_first() -> None:
    items = call().items
    assert [(item.input, item.text) for item in items] == [
        ("tool", "d"),
        ("tool", "same"),
        ("tool", "x"),
        ("instructions", "s"),
        ("user", "u"),
        ("assistant", "a"),
        ("tool", "t"),
    ]
    assert {item.source for item in items} == {"chat.instructions", "chat.user", "chat.assistant", "chat.tool"}
    assert {item.visibility for item in items} == {Visibility.PRIVATE}
    assert [item.author for item in items if item.input == "user"] == [ACTOR]
    assert len({item.path for item in items}) == len(items)


def test_the_items_are_about_the_actor_and_everybody_the_request_names() -> None:
    described = Subject(id=SubjectId("cli_9"), role=Role.CLIENT, registered=False)
    asked = call(subjects={described.id: described}, about=(SubjectId("cli_3"),))
    assert asked.items[0].about == (ACTOR, described.id, SubjectId("cli_3"))
    assert set(asked.people()) == {ACTOR, described.id, SubjectId("cli_3")}


def test_a_request_is_rebuilt_with_its_texts_treated_and_nothing_else_changed() -> None:
    same = rebuilt(treated(permitted(call()), {}))
    assert same.body == BODY
    changed: Any = rebuilt(treated(permitted(call()), {"u": "U", "same": "S", "t": "T"})).body
    assert changed["messages"][1]["content"] == "U"
    assert changed["messages"][3]["content"] == "T"
    assert changed["messages"][4]["content"] == "  "
    assert changed["tools"][0]["function"]["parameters"]["properties"] == {
        "a": {"description": "S"},
        "b": {"title": "S"},
    }


def test_a_withheld_text_says_so_in_its_place() -> None:
    prompt = treated(permitted(call()), {})
    without = replace(prompt, items=tuple(item for item in prompt.items if item.input != "user"))
    body: Any = rebuilt(without).body
    assert body["messages"][1] == {"role": "user", "content": "[withheld]"}


def test_a_pseudonym_has_no_brackets_where_the_protocol_allows_none() -> None:
    body: Json = {"model": "m", "messages": [{"role": "user", "name": "zephquill", "content": "u"}]}
    changed: Any = rebuilt(treated(permitted(call(body)), {"zephquill": "<HANDLE_1>"})).body
    assert changed["messages"][0]["name"] == "HANDLE_1"


@pytest.mark.parametrize("body", [[], {}, {"model": 1}, {"model": "m", "stream": "yes"}])
def test_what_is_no_request_is_refused(body: Json) -> None:
    with pytest.raises(RequestInvalid):
        read(Protocol.CHAT, body)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(FieldUnknown):
        call({**BODY, "tempreature": 1})


def test_the_number_of_texts_is_bounded() -> None:
    message: Json = {"role": "user", "content": [{"type": "text", "text": "x"}] * 4000}
    with pytest.raises(RequestTooLarge) as refused:
        call({"model": "m", "messages": [message] * (MAX_TEXTS // 4000 + 1)})
    assert refused.value.facts["texts"] == 24_000


def test_only_protocols_that_write_stream() -> None:
    body: Json = {"model": "m", "input": "x", "stream": True}
    assert not read(Protocol.EMBEDDINGS, body).stream
    assert read(Protocol.RESPONSES, body).stream
