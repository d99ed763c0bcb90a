"""What authors' files hold besides prompts: recordings, the history of labels, findings, scaffolds."""

import json
from pathlib import Path

import pytest

from ai_gateway.adapters.catalogue_files import load_versions
from ai_gateway.adapters.litellm_prices import LitellmPrices
from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.errors import ConfigurationError, NotFound, RequestInvalid
from ai_gateway.features import mismatches
from ai_gateway.workbench.findings import as_github, as_json, as_sarif, finding_of_line
from ai_gateway.workbench.policy_scaffold import policy_file
from ai_gateway.workbench.recordings import Recording, read_recordings, write_recordings
from ai_gateway.workbench.releasing import Move, earlier, read_history, written
from ai_gateway.workbench.rules import RULES
from ai_gateway.workbench.scaffold import files, inputs_given

ROOT = Path(__file__).parents[3]
POLICIES = load_policies(ROOT / "policies")
RECORDING = Recording(
    vendor="standin",
    model="standin-1",
    body="ab" * 32,
    case="v1 test-1",
    recorded="2026-01-31",
    finish_reason="stop",
    input_tokens=12,
    output_tokens=None,
    milliseconds=3,
    text="Hello,\n\n<CLIENT_1>\n",
)


def test_recordings_read_back_as_they_were_and_always_in_one_order() -> None:
    other = Recording(**{**{f: getattr(RECORDING, f) for f in Recording.__slots__}, "body": "cd" * 32})
    data = write_recordings({one.key: one for one in (other, RECORDING)})
    assert read_recordings(data, "f") == {RECORDING.key: RECORDING, other.key: other}
    assert data == write_recordings({one.key: one for one in (RECORDING, other)})


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b'{"recordings": [1]}', b'{"recordings": [{"vendor": "x"}]}', b"\xff", b"[" * 99_999]
)
def test_recordings_that_cannot_be_read_say_what_to_do(data: bytes) -> None:
    with pytest.raises(ConfigurationError, match="record again"):
        read_recordings(data, "letter/recordings.json")


def move(before: int | None, after: int, *, rollback: bool = False) -> Move:
    return Move(
        at="2026-01-31T00:00:00+00:00",
        by="me",
        label="production",
        before=before,
        after=after,
        digest="d",
        rollback=rollback,
    )


def test_a_roll_back_goes_back_step_by_step_and_never_forward() -> None:
    history = [move(None, 1), move(1, 2), move(2, 3)]
    assert earlier(history, "production", 3) == 2
    history.append(move(3, 2, rollback=True))
    assert earlier(history, "production", 2) == 1
    history.append(move(2, 1, rollback=True))
    with pytest.raises(NotFound):
        earlier(history, "production", 1)
    with pytest.raises(NotFound):
        earlier(history, "candidate", 1)


def test_history_reads_back_and_a_line_that_is_no_move_is_told_by_its_number() -> None:
    moves = (move(None, 1), move(1, 2))
    text = "".join(one.line() for one in moves)
    assert read_history(text, "f") == moves
    with pytest.raises(ConfigurationError, match="f:3:1"):
        read_history(text + '{"to": "v1"}\n', "f")


def test_labels_are_written_under_the_comments_they_had() -> None:
    text = written("# mine\n\nlabels:\n  production: v1\n", {"production": 2}, {1: "a" * 64, 2: "b" * 64})
    assert text.startswith("# mine\n\nlabels:\n  production: v2\nreleased:\n  v1: aaa")


def test_findings_are_told_to_code_hosts_in_their_own_forms() -> None:
    found = [finding_of_line('a/v1.prompt:3:4: #/name: is off, by 100% (did you mean "b"?)', "value-invalid")]
    assert as_json(found)[0]["suggestion"].startswith('Did you mean "b"?')
    assert as_github(found).startswith(
        "::error file=a/v1.prompt,line=3,col=4,title=value-invalid::name is off, by 100%25."
    )
    sarif = as_sarif(found, "1.0.0")
    (result,) = sarif["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 4}
    assert {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]} == RULES.keys()
    json.dumps(sarif)


@pytest.mark.parametrize(
    "given",
    [
        ["review=review.public_text", "profile=profile.overview"],
        ["messages=message.content,many"],
        ["job_post=job_post.title", "messages=message.content,many,optional", "notes=proposal.text,optional"],
    ],
)
def test_a_scaffold_loads_agrees_with_its_policy_and_has_tests(given: list[str], tmp_path: Path) -> None:
    import shutil

    inputs = inputs_given(given, POLICIES)
    for path, text in files("letter", inputs, POLICIES).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    (tmp_path / "policies" / "features" / "letter.yaml").write_text(policy_file("letter", inputs, POLICIES))

    versions = load_versions(tmp_path / "letter")
    policy = load_policies(tmp_path / "policies").features["letter"]  # type: ignore[index]

    assert list(mismatches(policy, versions.versions[1])) == []
    assert all(case.assertions for case in versions.versions[1].cases if case.kind == "test")
    assert policy.inputs.keys() == {one.name for one in inputs}


@pytest.mark.parametrize("given", ["review", "review=nowhere", "Review=review.public_text", "a=account.suspension"])
def test_an_input_from_nowhere_is_refused_with_what_there_is(given: str) -> None:
    with pytest.raises(RequestInvalid):
        inputs_given([given], POLICIES)


def test_every_shipped_model_of_a_company_has_a_price_and_a_server_of_ones_own_has_none() -> None:
    prices = LitellmPrices()
    own = {"self_hosted", "standin"}
    for name, vendor in POLICIES.vendors.items():
        for model in vendor.models:
            price = prices.price(vendor.provider, model)
            assert (price is None) == (name in own), (name, model)
            assert price is None or (price.of(1_000_000, 0) > 0 and price.table.startswith("litellm "))
