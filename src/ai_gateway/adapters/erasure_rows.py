"""Rows of erasures, directives and holds, as the values they are."""

import json
from collections.abc import Mapping
from typing import Any

from ai_gateway.model import ShareId
from ai_gateway.sharelog.erasure import (
    Basis,
    Directive,
    DirectiveState,
    Erasure,
    Hold,
    HoldReason,
    Step,
    Verification,
)


def erasure_of(row: Any) -> Erasure:  # noqa: ANN401  (a row)
    return Erasure(
        id=row.id,
        mark=row.mark,
        tag=row.tag,
        ref=row.subject_ref,
        step=Step(row.step),
        requested_at=row.requested_at,
        changed_at=row.changed_at,
        verified=Verification(row.verified),
        basis=Basis(row.basis),
        facts=json.loads(row.facts),
    )


def erasure_row(erasure: Erasure) -> dict[str, object]:
    return {
        "id": erasure.id,
        "mark": erasure.mark,
        "tag": erasure.tag,
        "subject_ref": erasure.ref,
        "step": erasure.step.value,
        "requested_at": erasure.requested_at,
        "changed_at": erasure.changed_at,
        "verified": erasure.verified.value,
        "basis": erasure.basis.value,
        "facts": facts_text(erasure.facts),
    }


def facts_text(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True)


def directive_of(row: Any) -> Directive:  # noqa: ANN401  (a row)
    return Directive(
        id=row.id,
        erasure=row.erasure_id,
        vendor=row.vendor,
        share=ShareId(row.share),
        object_kind=row.object_kind,
        object_id=row.object_id_ct,
        state=DirectiveState(row.state),
        shared_at=row.shared_at,
        due=row.due,
        changed_at=row.changed_at,
    )


def directive_row(directive: Directive) -> dict[str, object]:
    return {
        "id": directive.id,
        "erasure_id": directive.erasure,
        "vendor": directive.vendor,
        "share": directive.share,
        "object_kind": directive.object_kind,
        "object_id_ct": directive.object_id,
        "state": directive.state.value,
        "shared_at": directive.shared_at,
        "due": directive.due,
        "changed_at": directive.changed_at,
    }


def hold_of(row: Any) -> Hold:  # noqa: ANN401  (a row)
    return Hold(
        id=row.id,
        reason=HoldReason(row.reason),
        authority=row.authority,
        placed_at=row.placed_at,
        lifted_at=row.lifted_at,
    )
