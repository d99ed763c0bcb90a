"""An assertion holds or does not, and where it does not, says what was there."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from ai_gateway.documents import Value
from ai_gateway.errors import ShareRefused
from ai_gateway.model import Reply, RunId
from ai_gateway.prompts.assertions import ASSERTIONS, base
from ai_gateway.prompts.cases import Assertion
from ai_gateway.workbench.judge import COMPARED, judge
from ai_gateway.workbench.junit import junit
from ai_gateway.workbench.recorded_vendor import RecordingMissing
from ai_gateway.workbench.trial import Tried
from prompt_samples import prompt

PROMPT = prompt()
REASON = {"code": "actor-not-opted-in", "rule": "features/letter.yaml#/opt_in", "source": "policy L87"}


def tried(kind: str, value: Value, output: str | None = "A boat for Kim.") -> Tried:
    case = replace(PROMPT.cases[-1], assertions=(Assertion(kind=kind, value=value, line=17),))
    reply = None
    if output is not None:
        reply = Reply(
            run=RunId("run_1"),
            output=output,
            finish_reason="stop",
            shares=(),
            decisions=(),
            entities={},
            removed_from_reply={},
            input_tokens=10,
            output_tokens=4,
            prompt_name="letter",
            prompt_version=1,
            policy_digest="0",
        )
    return Tried(case=case, prompt=PROMPT, reply=reply)


@pytest.mark.parametrize(
    ("kind", "value", "other"),
    [
        ("equals", "A boat for Kim.", "A boat"),
        ("contains", "boat", "Boat"),
        ("icontains", "BOAT", "ship"),
        ("starts-with", "A boat", "boat"),
        ("regex", "b.at", "^boat"),
        ("contains-any", ["ship", "boat"], ["ship", "Boat"]),
        ("contains-all", ["boat", "Kim"], ["boat", "kim"]),
        ("icontains-any", ["SHIP", "BOAT"], ["SHIP", "RAFT"]),
        ("icontains-all", ["BOAT", "kim"], ["BOAT", "RAFT"]),
    ],
)
def test_each_comparison_holds_for_one_value_and_not_for_another(kind: str, value: Value, other: Value) -> None:
    assert judge(tried(kind, value)).passed
    assert not judge(tried(kind, other)).passed
    assert not judge(tried(f"not-{kind}", value)).passed
    assert judge(tried(f"not-{kind}", other)).passed


def test_json_is_json_only_when_it_is_whole() -> None:
    assert judge(tried("is-json", None, '{"a": [1]}')).passed
    assert not judge(tried("is-json", None, 'Here: {"a": 1}')).passed


def test_every_comparison_that_may_be_written_is_one_that_can_be_made() -> None:
    flow = {"decision", "entities", "tokens"}
    assert {base(kind)[0] for kind in ASSERTIONS} == COMPARED.keys() | flow


def test_what_failed_says_what_was_there_instead() -> None:
    (verdict,) = judge(tried("contains", "ship")).verdicts
    assert (verdict.passed, verdict.said) == (False, "contains ship; there was: A boat for Kim.")


def test_a_refusal_is_trouble_unless_a_decision_expects_it() -> None:
    refused = replace(tried("contains", "boat", None), error=ShareRefused("no", reasons=[REASON]))
    assert judge(refused).trouble.startswith("share-refused: no [actor-not-opted-in (features/letter.yaml")
    expected = tried("decision", {"action": "refused", "code": "actor-not-opted-in"}, None)
    assert judge(replace(expected, error=refused.error)).passed
    other = tried("decision", {"action": "refused", "code": "minor"}, None)
    assert not judge(replace(other, error=refused.error)).passed


def test_a_missing_recording_is_trouble_even_where_a_refusal_was_expected() -> None:
    expected = tried("decision", {"action": "refused"}, None)
    judged = judge(replace(expected, error=RecordingMissing()))
    assert not judged.passed
    assert judged.trouble.startswith("recording-missing")


def test_a_report_for_machines_counts_failures_and_troubles_apart_and_is_xml_whatever_a_reply_holds() -> None:

    judged = [
        judge(tried("contains", "boat")),
        judge(tried("contains", "ship", '<&\x00"]]>')),
        judge(replace(tried("contains", "x", None), error=RecordingMissing())),
    ]
    root = ET.fromstring(junit({"letter v1": judged}))  # noqa: S314 - our own
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    assert root.find("testsuite/testcase").get("file") == "letter/v1.prompt"  # type: ignore[union-attr]
