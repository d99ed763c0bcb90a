"""Whose request it is, in a vendor's protocol: from our headers, or from ``metadata``, which is never sent on."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from pydantic import TypeAdapter, ValidationError

from ai_gateway.api.schemas import ID_PATTERN, NAME_PATTERN, DescribedSubject
from ai_gateway.errors import RequestInvalid
from ai_gateway.exchanges import Attribution
from ai_gateway.model import ConversationId, FeatureName, Subject, SubjectId
from ai_gateway.protocols.objects import unrepeated
from ai_gateway.protocols.shape import Json

ACTOR, FEATURE, CONVERSATION = "x-ai-gateway-actor", "x-ai-gateway-feature", "x-ai-gateway-conversation"
_MOST_PEOPLE = 32
_DESCRIBED = TypeAdapter(dict[str, DescribedSubject])


def attribution(headers: Mapping[str, str], body: Json) -> Attribution:
    """Raises ``RequestInvalid`` for an id that is none, and for a header and ``metadata`` that contradict each other.

    ``metadata`` may hold ``actor``, ``feature``, ``conversation``, and ``subjects``: descriptions by id, as in a
    feature run (an object, or its JSON in a string), or ids of registered people (a list, or separated by commas).
    """
    given = body.get("metadata") if isinstance(body, dict) else None
    metadata = given if isinstance(given, dict) else {}
    actor = _said("actor", headers.get(ACTOR), metadata.get("actor"), ID_PATTERN)
    feature = _said("feature", headers.get(FEATURE), metadata.get("feature"), NAME_PATTERN)
    conversation = _said("conversation", headers.get(CONVERSATION), metadata.get("conversation"), ID_PATTERN)
    described, registered = _people(metadata.get("subjects"))
    return Attribution(
        actor=SubjectId(actor) if actor is not None else None,
        feature=FeatureName(feature) if feature is not None else None,
        conversation=ConversationId(conversation) if conversation is not None else None,
        subjects=described,
        about=registered,
        gpc=headers.get("sec-gpc") == "1",
    )


def _said(what: str, header: str | None, metadata: Json, pattern: str) -> str | None:
    if header is not None and metadata is not None and header != metadata:
        raise RequestInvalid(f"The header and the metadata name two; name one {what}.", at=f"/metadata/{what}")
    said = metadata if header is None else header
    if said is None:
        return None
    if not isinstance(said, str) or not re.fullmatch(pattern, said):
        raise RequestInvalid(f"The {what} is not of the form {pattern}.", at=f"/metadata/{what}")
    return said


def _people(given: Json) -> tuple[Mapping[SubjectId, Subject], tuple[SubjectId, ...]]:
    """Those described, and the ids of those registered."""
    said = _read(given) if isinstance(given, str) else given
    if said is None:
        return MappingProxyType({}), ()
    if isinstance(said, list):
        ids = [one for one in said if isinstance(one, str) and re.fullmatch(ID_PATTERN, one)]
        if len(ids) < len(said) or len(ids) > _MOST_PEOPLE:
            raise RequestInvalid(
                f"The subjects are at most {_MOST_PEOPLE} ids of people, with commas between them.",
                at="/metadata/subjects",
            )
        return MappingProxyType({}), tuple(map(SubjectId, ids))
    if not isinstance(said, dict) or len(said) > _MOST_PEOPLE or not all(re.fullmatch(ID_PATTERN, one) for one in said):
        raise RequestInvalid(f"The subjects are at most {_MOST_PEOPLE} people by id.", at="/metadata/subjects")
    try:
        described = _DESCRIBED.validate_python(said)
    except ValidationError:  # its message may quote what it was given
        raise RequestInvalid(
            "A subject is described as in a feature run: role, region, known and the like.", at="/metadata/subjects"
        ) from None
    return (
        MappingProxyType(
            {SubjectId(one): said.subject(SubjectId(one), registered=False) for one, said in described.items()}
        ),
        (),
    )


def _read(text: str) -> Json:
    if text.startswith("{"):
        try:
            return cast("Json", json.loads(text, object_pairs_hook=unrepeated))
        except (ValueError, RecursionError):
            raise RequestInvalid(
                "The subjects are not JSON in which each name stands once.", at="/metadata/subjects"
            ) from None
    return [one.strip() for one in text.split(",") if one.strip()]
