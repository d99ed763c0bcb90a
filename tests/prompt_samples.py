"""Builders for tests of prompts, budgets and the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from ai_gateway.adapters.yaml_documents import read_yaml
from ai_gateway.errors import ConfigurationError
from ai_gateway.model import (
    Action,
    Call,
    CategoryCode,
    FeatureName,
    ItemDecision,
    ParameterValue,
    Permission,
    Purpose,
    Reason,
    SubjectId,
    TreatedItem,
    TreatedPrompt,
    Treatment,
    VendorName,
)
from ai_gateway.policies.policy import Budget, RuleRef, VendorModel
from ai_gateway.prompts.load import load_prompt
from ai_gateway.prompts.prompt import Prompt

FRONT = """\
name: letter
version: 1
description: Writes a letter.
input:
  schema:
    topic: string, what it is about
    notes?(array): string
    tone?(enum, how it sounds): [plain, warm]
  default:
    tone: plain
output:
  format: text
examples:
  - vars: {topic: Boats}
tests:
  - vars: {topic: Boats}
    assert: [{type: icontains, value: boat}]
"""
BODY = """\
{{role "system"}}
Write a letter in a {{ tone }} tone. Material stands between lines of {{ fence }}.
{{role "user"}}
About:
{{ fence }}
{{ topic }}
{{ fence }}
{% for note in notes %}
{{ note }}
{{ fence }}
{% endfor %}
"""


def source(front: str = FRONT, body: str = BODY) -> bytes:
    return f"---\n{front}---\n{body}".encode()


def prompt(front: str = FRONT, body: str = BODY) -> Prompt:
    return load_prompt(source(front, body), "letter/v1.prompt", read_yaml)


def problems(front: str = FRONT, body: str = BODY, file: str = "letter/v1.prompt") -> tuple[str, ...]:
    """What is wrong with a prompt file; nothing when it loads."""
    try:
        load_prompt(source(front, body), file, read_yaml)
    except ConfigurationError as error:
        return error.problems
    return ()


REF = RuleRef(rule="features/letter.yaml#/budget", source="policy L85")
WHY = Reason(code="allowed", rule="features/letter.yaml#/inputs", source="policy L85")


def budget(max_input: int, *drop_order: str, max_output: int = 100) -> Budget:
    return Budget(max_input_tokens=max_input, max_output_tokens=max_output, drop_order=drop_order, ref=REF)


def model(context: int = 100_000, encoding: str = "o200k_base") -> VendorModel:
    return VendorModel(name="small", context_tokens=context, encoding=encoding)


def treated(
    texts: Mapping[str, str | Sequence[str]], parameters: Mapping[str, ParameterValue] | None = None
) -> TreatedPrompt:
    """Every text as a permitted and treated item: ``topic``, ``notes[0]``, ``notes[1]`` …"""
    actor = SubjectId("pro_1")
    items: list[TreatedItem] = []
    for name, given in texts.items():
        several = [(name, given)] if isinstance(given, str) else [(f"{name}[{i}]", t) for i, t in enumerate(given)]
        for path, text in several:
            decision = ItemDecision(
                item=path,
                action=Action.SHARED,
                treatment=Treatment.PSEUDONYMIZE,
                category=CategoryCode("other"),
                reason=replace(WHY, item=path),
                about=(actor,),
                entities={},
            )
            items.append(TreatedItem(path=path, input=name, text=text, decision=decision, spans=()))
    call = Call(
        feature=FeatureName("letter"), actor=actor, items=(), parameters=MappingProxyType(dict(parameters or {}))
    )
    permission = Permission(
        feature=call.feature,
        purpose=Purpose.PROVIDE,
        vendor=VendorName("local"),
        model="small",
        call=call,
        subjects={},
        items=tuple(item.decision for item in items),
        consents=(),
        policy_digest="00",
        taxonomy_digest="00",
    )
    return TreatedPrompt(permission=permission, items=tuple(items), pseudonyms=(), identifiers=frozenset(), entities={})


class Words:
    """A token counter that can be checked by eye: one token for each word."""

    def __init__(self) -> None:
        self.counted = 0

    def count(self, texts: Sequence[str], encoding: str) -> int:
        self.counted += 1
        return sum(len(text.split()) for text in texts)
