"""What a leaf says of the texts that were asked about, shared or not: enough to decide again, and of nobody a word.

Texts of which all these facts are the same are one line with their number. The facts are enumerations; who it was is in
none of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ai_gateway.model import Item, ItemDecision, Permission, Refusal, Subject, SubjectId, Visibility
from ai_gateway.policies.question import concerned
from ai_gateway.policies.regions import regimes
from ai_gateway.sharelog.canonical import Json

VERSION = 1
AUTHORS = ("nobody", "actor", "other")
PROFILES = ("public", "private", "unregistered")


def asked_facts(decision: Permission | Refusal) -> Json:
    """``regimes`` are those that protect anybody concerned (all of them where a region is unknown), ``lacking`` the
    roles of those, besides the actor, who have not opted in, ``profiles`` the least public one."""
    fates = {fate.item: fate for fate in decision.items}
    people: dict[tuple[SubjectId, ...], dict[str, Json]] = {}
    lines: dict[tuple[Any, ...], int] = {}
    for item in decision.call.items:
        line = (*_key(item, decision), *_fate(fates.get(item.path)))
        lines[line] = lines.get(line, 0) + 1
    return {"v": VERSION, "items": [{**_line(line, decision, people), "n": n} for line, n in lines.items()]}


def _key(item: Item, decision: Permission | Refusal) -> tuple[str, str, str, str, tuple[SubjectId, ...]]:
    author = "nobody" if item.author is None else "actor" if item.author == decision.call.actor else "other"
    return item.input, item.source, item.visibility.value, author, concerned(item)


def _fate(fate: ItemDecision | None) -> tuple[str | None, str | None]:
    return (None, None) if fate is None else (fate.action.value, fate.reason.code)


def _line(
    line: tuple[Any, ...], decision: Permission | Refusal, people: dict[tuple[SubjectId, ...], dict[str, Json]]
) -> Mapping[str, Json]:
    input_, source, visibility, author, ids, action, code = line
    known = people.get(ids)
    if known is None:
        known = people[ids] = _of_people(ids, decision)
    said: dict[str, Json] = {"input": input_, "source": source, "visibility": visibility, "author": author, **known}
    return {**said, "action": action, "code": code}


def _of_people(ids: Iterable[SubjectId], decision: Permission | Refusal) -> dict[str, Json]:
    found = [decision.subjects[id_] for id_ in ids if id_ in decision.subjects]
    feature = decision.feature
    others = [one for one in found if one.id != decision.call.actor]
    return {
        "regimes": sorted({regime.value for one in found for regime in regimes(one.region)}),
        "lacking": sorted({one.role.value for one in others if feature not in one.choices.opted_in}),
        "profiles": max((_profile(one) for one in found), default="public", key=PROFILES.index),
    }


def _profile(one: Subject) -> str:
    if not one.registered:
        return "unregistered"
    return "public" if one.profile_visibility is Visibility.PUBLIC else "private"
