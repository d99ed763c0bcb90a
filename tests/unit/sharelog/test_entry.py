"""What a leaf may hold."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import share_samples as samples
from ai_gateway.model import SubjectId, new_run_id, new_share_id
from ai_gateway.model.entries import Entry, EntryKind
from ai_gateway.sharelog.canonical import is_canonical
from ai_gateway.sharelog.entry import BODY, Outcome, denied_entry, intent_entry, outcome_entry
from ai_gateway.sharelog.keys import person_key
from ai_gateway.sharelog.people import people_of
from ai_gateway.sharelog.record import record
from ai_gateway.sharelog.segments import open_segment

KEYS = {samples.PRO: person_key(b"p" * 16, b"P" * 32), samples.CLIENT: person_key(b"c" * 16, b"C" * 32)}
SHARE = new_share_id()


def entries() -> list[Entry]:
    return [
        intent_entry(samples.intent(samples.new_once()), SHARE, 1_000, KEYS),
        outcome_entry(SHARE, Outcome(status="released", completion=samples.completion()), 2_000, KEYS),
        outcome_entry(SHARE, Outcome(status="vendor-timeout"), 2_000, KEYS),
        denied_entry(new_run_id(), samples.CALLER.id, samples.refusal(), SHARE, 1_000, KEYS),
    ]


def words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner)
    else:
        yield str(value)


def test_a_leaf_says_of_a_trial_that_it_is_one_and_of_a_real_call_nothing() -> None:
    intent, refusal = samples.intent(samples.new_once()), samples.refusal()
    real = [json.loads(entry.leaf) for entry in entries()]
    assert not [leaf for leaf in real if "trial" in leaf]
    permission = intent.cleared.prompt.treated.permission
    object.__setattr__(permission, "call", replace(permission.call, trial=True))  # only decide makes permissions
    tried = [
        intent_entry(intent, SHARE, 1_000, KEYS),
        denied_entry(new_run_id(), samples.CALLER.id, replace(refusal, call=permission.call), SHARE, 1_000, KEYS),
    ]
    assert [json.loads(entry.leaf)["trial"] for entry in tried] == [True, True]


@pytest.mark.parametrize("entry", entries(), ids=["intent", "outcome", "failed", "denied"])
def test_a_leaf_is_canonical_and_says_what_it_is(entry: Entry) -> None:
    leaf = json.loads(entry.leaf)
    assert is_canonical(entry.leaf)
    assert (leaf["v"], leaf["type"], leaf["eid"], leaf["t"]) == (1, entry.kind, SHARE, entry.at)
    assert [said["n"] for said in leaf["segments"]] == [segment.n for segment in entry.segments]


@pytest.mark.parametrize("entry", entries(), ids=["intent", "outcome", "failed", "denied"])
def test_a_leaf_holds_no_text_no_person_and_no_vendor_id(entry: Entry) -> None:
    said = " ".join(words(json.loads(entry.leaf))).lower()
    personal = [samples.PRO, samples.CLIENT, "lantern", "organization_1", "quarry", "chatcmpl", "marble", "brightwater"]
    personal += ["messages[0]", "cns_1", "sk-test"]
    assert not [text for text in personal if text in said]
    whole = entry.leaf + b"".join(segment.ciphertext for segment in entry.segments)
    assert not [text for text in personal if text.encode() in whole.lower()]


@pytest.mark.parametrize("entry", entries(), ids=["intent", "outcome", "failed", "denied"])
def test_a_leaf_tells_no_exact_length(entry: Entry) -> None:
    exact = {len(samples.BODY), len(samples.SHARED_TEXT), len(samples.WITHHELD_TEXT), 812, 240, 1_900}
    assert not exact & {int(word) for word in words(json.loads(entry.leaf)) if word.isdigit()}


def test_the_intent_tells_the_rules_it_was_made_under() -> None:
    leaf = json.loads(intent_entry(samples.intent(), SHARE, 1, KEYS).leaf)
    assert leaf["vendor"] == "openai"
    assert leaf["region"] == "us"
    assert leaf["transfers"] == {"EEA": "scc"}
    assert leaf["policy"] == "ab" * 32
    assert leaf["taxonomy"] == "cd" * 32
    assert leaf["detector"] == "stack/1 sha256:ab12"
    assert leaf["withheld"] == [
        {
            "input": "messages",
            "category": "communications",
            "code": "message-consent-missing",
            "rule": "features/proposal_draft.yaml#/inputs/messages",
            "source": "policy L49",
        }
    ]


def test_the_body_segment_holds_the_exact_outbound_bytes_and_belongs_to_everybody() -> None:
    body = bytes(range(256))
    entry = intent_entry(samples.intent(body=body), SHARE, 1, KEYS)
    assert set(entry.segments[BODY].owners) == {key.ref for key in KEYS.values()}
    assert open_segment(SHARE, EntryKind.INTENT, entry.segments[BODY], tuple(KEYS.values())).content == body


def test_an_item_belongs_to_everybody_it_is_about_and_its_author_and_nobody_else() -> None:
    entry = intent_entry(samples.intent(), SHARE, 1, KEYS)
    kinds = {said["n"]: said["kind"] for said in json.loads(entry.leaf)["segments"]}
    items = [segment for segment in entry.segments if kinds[segment.n] == "item"]
    assert [segment.owners for segment in items] == [(KEYS[samples.CLIENT].ref,)]


def test_the_vendors_reply_id_can_be_read_by_each_person_alone() -> None:
    entry = outcome_entry(SHARE, Outcome(status="released", completion=samples.completion()), 1, KEYS)
    for segment, key in zip(entry.segments, KEYS.values(), strict=True):
        reply = json.loads(open_segment(SHARE, EntryKind.OUTCOME, segment, (key,)).content)
        assert reply["response_id"] == "chatcmpl-marble-77"


def test_a_persons_account_names_nobody_else() -> None:
    entry = intent_entry(samples.intent(), SHARE, 1, KEYS)
    kinds = {said["n"]: said["kind"] for said in json.loads(entry.leaf)["segments"]}
    for person, other in ((samples.PRO, samples.CLIENT), (samples.CLIENT, samples.PRO)):
        mine = [s for s in entry.segments if kinds[s.n] == "person" and s.owners == (KEYS[person].ref,)]
        account = open_segment(SHARE, EntryKind.INTENT, mine[0], (KEYS[person],)).content.decode()
        assert person in account
        assert other not in account


def test_a_fallback_does_not_claim_the_idempotency_key_again() -> None:
    first = samples.intent(once=samples.new_once())
    assert intent_entry(first, SHARE, 1, KEYS).once == first.cleared.prompt.treated.permission.call.once
    second = intent_entry(replace(first, previous=SHARE), new_share_id(), 1, KEYS)
    assert second.once is None
    assert json.loads(second.leaf)["previous"] == SHARE


def test_nothing_is_kept_about_an_erased_person() -> None:
    refusal = samples.refusal()
    subjects = {**refusal.subjects, samples.CLIENT: replace(refusal.subjects[samples.CLIENT], erased=True)}
    assert people_of(replace(refusal, subjects=subjects)) == (SubjectId(samples.PRO),)


def test_a_records_facts_may_not_stand_where_every_leaf_has_its_own() -> None:
    with pytest.raises(ValueError, match="segments"):
        record(EntryKind.RETENTION_PRUNE, 1, {"segments": 12})
