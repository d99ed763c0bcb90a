"""What the gateway answers: the shapes for the API's description, and how they are made from the core's values."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from ai_gateway.model import Choices, ItemDecision, Known, Reply, ShareSummary, Subject
from ai_gateway.pipeline import Preview

Json = Mapping[str, Any]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ShareShape(Shape):
    id: str
    vendor: str
    model: str
    region: str


class DecisionShape(Shape):
    """``action`` is ``shared`` or ``withheld``, ``code`` why, ``rule`` where that stands, ``source`` its ground."""

    input: str
    action: str
    treatment: str
    code: str
    rule: str
    source: str


class UsageShape(Shape):
    input_tokens: int
    output_tokens: int


class PromptShape(Shape):
    name: str
    version: int


class PolicyShape(Shape):
    digest: str


class RunAnswer(Shape):
    """The answer to a feature run. ``entities`` counts what was found in the inputs, by type."""

    id: str
    output: str
    finish_reason: str
    shares: list[ShareShape]
    decisions: list[DecisionShape]
    entities: dict[str, int]
    removed_from_reply: dict[str, int]
    usage: UsageShape
    prompt: PromptShape
    policy: PolicyShape


class VendorShape(Shape):
    name: str
    legal_name: str
    model: str
    region: str


class MessageShape(Shape):
    role: str
    content: str


class PreviewUsageShape(Shape):
    input_tokens: int
    max_output_tokens: int


class PreviewAnswer(Shape):
    """What would be shared, with whom and why. ``body`` is the exact text of the request's body. Nothing was sent."""

    feature: str
    vendor: VendorShape
    messages: list[MessageShape]
    body: str
    decisions: list[DecisionShape]
    entities: dict[str, int]
    usage: PreviewUsageShape
    prompt: PromptShape
    policy: PolicyShape


class ChoicesAnswer(Shape):
    opted_in: list[str]
    opted_out: list[str]
    opt_out_sale_share: bool
    limit_sensitive: bool
    gpc: bool


class SubjectAnswer(Shape):
    """A registered person. ``known`` counts identifiers by kind: what they are is not read back."""

    id: str
    role: str
    region: str | None
    age_status: str
    profile_visibility: str
    restricted: bool
    erased: bool
    known: dict[str, int]
    choices: ChoicesAnswer


class ConsentsAnswer(Shape):
    """Receipts, oldest first (ISO/IEC TS 27560:2023)."""

    subject: str
    receipts: list[dict[str, Any]]


class ProblemShape(BaseModel):
    """Problem details (RFC 9457). ``code`` is stable; further members depend on it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str


def share_summary(share: ShareSummary) -> Json:
    return {"id": share.id, "vendor": share.vendor, "model": share.model, "region": share.region}


def reply_answer(reply: Reply) -> Json:
    return {
        "id": reply.run,
        "output": reply.output,
        "finish_reason": reply.finish_reason,
        "shares": [share_summary(share) for share in reply.shares],
        "decisions": decisions_answer(reply.decisions),
        "entities": dict(reply.entities),
        "removed_from_reply": dict(reply.removed_from_reply),
        "usage": {"input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens},
        "prompt": {"name": reply.prompt_name, "version": reply.prompt_version},
        "policy": {"digest": reply.policy_digest},
    }


def preview_answer(preview: Preview, legal_name: str, region: str) -> Json:
    prompt, outbound = preview.cleared.prompt, preview.outbound
    permission = prompt.treated.permission
    return {
        "feature": permission.feature,
        "vendor": {"name": outbound.vendor, "legal_name": legal_name, "model": outbound.model, "region": region},
        "messages": [{"role": message.role, "content": message.content} for message in preview.messages],
        "body": outbound.body.decode(),
        "decisions": decisions_answer(prompt.decisions),
        "entities": dict(prompt.treated.entities),
        "usage": {"input_tokens": prompt.input_tokens, "max_output_tokens": prompt.max_output_tokens},
        "prompt": {"name": prompt.prompt_name, "version": prompt.prompt_version},
        "policy": {"digest": permission.policy_digest},
    }


def decisions_answer(decisions: Sequence[ItemDecision]) -> list[Json]:
    return [
        {
            "input": decision.item,
            "action": decision.action,
            "treatment": decision.treatment,
            "code": decision.reason.code,
            "rule": decision.reason.rule,
            "source": decision.reason.source,
        }
        for decision in decisions
    ]


def subject_answer(subject: Subject) -> Json:
    return {
        "id": subject.id,
        "role": subject.role,
        "region": subject.region,
        "age_status": subject.age_status,
        "profile_visibility": subject.profile_visibility,
        "restricted": subject.restricted,
        "erased": subject.erased,
        "known": {kind: len(getattr(subject.known, kind)) for kind in Known.__slots__},
        "choices": choices_answer(subject.choices),
    }


def choices_answer(choices: Choices) -> Json:
    return {
        "opted_in": sorted(choices.opted_in),
        "opted_out": sorted(choices.opted_out),
        "opt_out_sale_share": choices.opt_out_sale_share,
        "limit_sensitive": choices.limit_sensitive,
        "gpc": choices.gpc,
    }


def respond(answer: Json, status: int = 200) -> Response:
    return Response(orjson.dumps(answer), status, media_type="application/json")
