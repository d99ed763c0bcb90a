"""Builders for tests of treatment: two invented people, items, permissions, and a prompt on its way out."""

import json
from collections.abc import Mapping, Sequence

from ai_gateway.model import (
    Action,
    BudgetedPrompt,
    Call,
    CategoryCode,
    Coarser,
    EntityType,
    FeatureName,
    Item,
    ItemDecision,
    Known,
    Message,
    Outbound,
    ParameterValue,
    Permission,
    Purpose,
    Reason,
    Role,
    Subject,
    SubjectId,
    TreatedPrompt,
    Treatment,
    VendorName,
    Visibility,
)
from ai_gateway.policies.policy import OutputRule, RuleRef, UnexpectedPersonalData

PRO, CLIENT = SubjectId("pro_17"), SubjectId("cli_9")
DANA = Subject(
    id=PRO,
    role=Role.INDEPENDENT_PROFESSIONAL,
    known=Known(names=("Dana Okafor",), emails=("dana@okafor.example",), handles=("danabuilds",)),
)
SAM = Subject(
    id=CLIENT,
    role=Role.CLIENT,
    known=Known(names=("Sam Lee",), organizations=("Brightwater LLC",), phones=("415-555-0173",)),
)
BOTH = (DANA, SAM)
_REASON = Reason(code="allowed", rule="features/x.yaml#/inputs/post", source="policy L1")


def item(
    text: str,
    *,
    path: str = "post",
    about: Sequence[SubjectId] = (CLIENT,),
    author: SubjectId | None = None,
) -> Item:
    return Item(
        path=path,
        input=path.partition("[")[0],
        text=text,
        source="job_post.description",
        visibility=Visibility.PUBLIC,
        about=tuple(about),
        author=author,
    )


def permission(
    items: Sequence[Item],
    *,
    people: Sequence[Subject] = BOTH,
    actor: SubjectId = PRO,
    entities: Mapping[str, Treatment] | None = None,
    coarser: Mapping[str, Coarser] | None = None,
    default: Treatment = Treatment.PSEUDONYMIZE,
    per_item: Mapping[str, Mapping[str, Treatment]] | None = None,
    withheld: Sequence[str] = (),
    parameters: Mapping[str, ParameterValue] | None = None,
) -> Permission:
    subjects = {subject.id: subject for subject in people}
    decisions = tuple(
        ItemDecision(
            item=one.path,
            action=Action.WITHHELD if one.path in withheld else Action.SHARED,
            treatment=default,
            category=CategoryCode("other"),
            reason=_REASON,
            about=one.about,
            entities={
                EntityType(name): action for name, action in (per_item or {}).get(one.path, entities or {}).items()
            },
            default_entity=default,
            coarser={EntityType(name): form for name, form in (coarser or {}).items()},
        )
        for one in items
    )
    return Permission(
        feature=FeatureName("proposal_draft"),
        purpose=Purpose.PROVIDE,
        vendor=VendorName("standin"),
        model="standin-1",
        call=Call(
            feature=FeatureName("proposal_draft"),
            actor=actor,
            items=tuple(items),
            subjects=subjects,
            parameters=parameters or {},
        ),
        subjects=subjects,
        items=decisions,
        consents=(),
        policy_digest="0" * 64,
        taxonomy_digest="0" * 64,
    )


def budgeted(treated: TreatedPrompt, *, fixed: Sequence[str] = ("Draft a proposal.",)) -> BudgetedPrompt:
    content = "\n".join((*fixed, *(one.text for one in treated.items)))
    return BudgetedPrompt(
        treated=treated,
        prompt_name="proposal_draft",
        prompt_version=1,
        prompt_digest="0" * 64,
        messages=(Message(role="system", content="You write."), Message(role="user", content=content)),
        items=treated.items,
        decisions=treated.permission.items,
        input_tokens=1,
        max_output_tokens=1,
        config={},
        fixed_text=("You write.", *fixed),
    )


def outbound(
    prompt: BudgetedPrompt,
    *,
    body: object = None,
    raw: bytes | None = None,
    url: str = "https://api.vendor.example/v1/chat/completions",
    headers: Mapping[str, str] | None = None,
    model: str = "standin-1",
) -> Outbound:
    """What a vendor's door would make of the prompt, unless something else is given."""
    usual = {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
        "max_tokens": 100,
        "store": False,
        "temperature": 0.4,
    }
    return Outbound(
        vendor=VendorName("standin"),
        model=model,
        method="POST",
        url=url,
        headers=headers or {"authorization": "Bearer sk-test", "content-type": "application/json"},
        body=raw if raw is not None else json.dumps(body if body is not None else usual).encode(),
    )


def rule(*roles: Role, unexpected: UnexpectedPersonalData = UnexpectedPersonalData.REMOVE) -> OutputRule:
    return OutputRule(
        unexpected=unexpected,
        restore_roles=frozenset(roles),
        ref=RuleRef(rule="features/proposal_draft.yaml#/output", source="policy L79"),
    )
