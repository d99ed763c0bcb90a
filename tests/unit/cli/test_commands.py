import asyncio
import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import share_samples
from ai_gateway.cli.main import _COMMANDS
from ai_gateway.errors import ConfigurationError, ShareRefused, StoreUnavailable
from ai_gateway.sharelog import search
from ai_gateway.sharelog.standing import Standings

Run = Callable[..., Any]
PERSON = {"role": "client", "region": "US-CA", "known": {"names": ["Ottoline Brackenridge"]}}


@pytest.fixture
def person(tmp_path: Path) -> str:
    path = tmp_path / "person.json"
    path.write_text(json.dumps(PERSON))
    return str(path)


def test_help_lists_every_command_without_importing_any(run: Run) -> None:
    shown = run("--help")
    assert shown.code == 0
    for name in _COMMANDS:
        assert f"  {name} " in shown.out


def test_the_version_is_the_packages(run: Run) -> None:
    assert run("--version").out == f"ai-gateway {version('ai-gateway')}\n"


def test_help_is_quick() -> None:
    command = [sys.executable, "-X", "importtime", "-c", "import ai_gateway.cli.main"]
    imported = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    slow = {"litellm", "onnxruntime", "fastapi", "sqlalchemy", "pydantic", "rich", "aiohttp", "numpy"}
    assert not {line.rpartition("|")[2].strip() for line in imported.splitlines()} & slow


@pytest.mark.parametrize("name", sorted(_COMMANDS))
def test_every_command_explains_itself(run: Run, name: str) -> None:
    shown = run(name, "--help")
    assert shown.code == 0
    assert "Usage:" in shown.out


def test_an_unknown_command_is_a_usage_error(run: Run) -> None:
    assert run("frobnicate").code == 2


def test_a_setting_that_cannot_be_right_is_one_line_and_code_three(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_GATEWAY_PORT", "many")
    ended = run("shares", "list")
    assert ended.code == 3
    assert ended.err == "configuration-invalid: AI_GATEWAY_PORT: must be a whole number from 0 to 65535\n"


def test_an_unknown_error_is_told_by_kind_and_place(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from ai_gateway.cli import shares

    def fail() -> None:
        raise ValueError("Ottoline Brackenridge")

    monkeypatch.setattr(shares, "read", fail)
    ended = run("shares", "list")
    assert ended.code == 70
    assert ended.err.startswith("unknown error: ValueError at test_commands.py:")
    assert "Ottoline" not in ended.err


def test_exit_codes_tell_refusals_from_outages() -> None:
    from ai_gateway.cli.terminal import Exit, exit_code

    assert exit_code(ShareRefused()) is Exit.REFUSED
    assert exit_code(StoreUnavailable()) is Exit.AWAY
    assert exit_code(ConfigurationError("x")) is Exit.CONFIGURATION


def test_an_api_key_is_shown_once_and_listed_without_its_text(run: Run) -> None:
    made = run("keys", "create", "marketplace", "--right", "features", "--right", "audit")
    listed = run("keys", "list", "--json").json()
    assert made.out.startswith("agk_")
    assert [key["caller"] for key in listed] == ["marketplace"]
    assert listed[0]["rights"] == ["audit", "features"]
    assert made.out.strip() not in json.dumps(listed)
    assert run("keys", "revoke", listed[0]["id"]).code == 0
    assert run("keys", "list", "--json").json()[0]["revoked_at"] is not None
    shown = run("keys", "list").out
    assert "marketplace" in shown
    assert str(datetime.now(UTC).year) in shown


def test_a_key_is_not_made_for_a_caller_that_no_policy_can_name(run: Run) -> None:
    ended = run("keys", "create", "Market Place", "--right", "features")
    assert ended.code == 2
    assert "lower-case letters" in ended.err
    assert run("keys", "list", "--json").json() == []
    assert run("keys", "create", "ann-marie", "--right", "author").code == 0


def test_revoking_a_key_that_never_was_is_refused(run: Run) -> None:
    ended = run("keys", "revoke", "0" * 16)
    assert (ended.code, ended.err.partition(":")[0]) == (1, "not-found")


def test_both_keys_are_made_apart_and_never_written_over(run: Run, tmp_path: Path) -> None:
    made = run("keys", "init")
    assert made.code == 0
    assert "verifier key, for auditors: localhost/ai-gateway/sharelog/" in made.out
    (data,) = (tmp_path / "home" / "keys").iterdir()
    (signing,) = (tmp_path / "home" / "signing").glob("*.key")
    before = data.read_bytes(), signing.read_bytes()
    for arguments in ((), ("--only", "data"), ("--only", "signing")):
        assert run("keys", "init", *arguments).code == 3
    assert (data.read_bytes(), signing.read_bytes()) == before
    assert [path.stat().st_mode & 0o077 for path in (data, signing)] == [0, 0]


@pytest.mark.parametrize(("part", "other"), [("data", "signing"), ("signing", "data")])
def test_a_key_may_be_made_alone_and_the_other_later(run: Run, tmp_path: Path, part: str, other: str) -> None:
    folders = {"data": tmp_path / "home" / "keys", "signing": tmp_path / "home" / "signing"}
    assert run("keys", "init", "--only", part).code == 0
    assert (folders[part].exists(), folders[other].exists()) == (True, False)
    assert run("keys", "init").code == 0
    assert folders[other].exists()


def test_a_database_without_its_key_is_not_opened_with_a_new_one(run: Run, tmp_path: Path) -> None:
    run("keys", "list")
    for path in (tmp_path / "home" / "keys").iterdir():
        path.unlink()
    ended = run("keys", "list")
    assert ended.code == 3
    assert "restore" in ended.err


def test_a_person_is_registered_and_shown_by_counts(run: Run, person: str) -> None:
    assert run("subjects", "put", "cli_1", person).code == 0
    shown = run("subjects", "show", "cli_1", "--json").json()
    assert (shown["region"], shown["known"]["names"]) == ("US-CA", 1)
    assert "1 names" in run("subjects", "show", "cli_1").out
    assert run("subjects", "choose", "cli_1", "-", stdin='{"opted_in": ["proposal_draft"]}').code == 0
    assert run("subjects", "show", "cli_1", "--json").json()["choices"]["opted_in"] == ["proposal_draft"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"role": "client", "Ottoline": 1}', "request-invalid"),
        ("{", "request-unreadable"),
        (" " * (1 << 20) + "{}", "request-too-large"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_without_an_echo(run: Run, content: str, code: str) -> None:
    ended = run("subjects", "put", "cli_1", "-", stdin=content)
    assert (ended.code, ended.err.partition(":")[0]) == (1, code)
    assert "Ottoline" not in ended.err


def test_a_misspelt_field_of_a_file_is_told_with_those_there_are(run: Run) -> None:
    ended = run("subjects", "put", "cli_1", "-", stdin='{"role": "client", "known": {"names": []}, "reigon": "US"}')
    assert ended.err.startswith('request-invalid: * is not a field of this object (did you mean "region"?); its fields')


def test_a_missing_file_is_told(run: Run, tmp_path: Path) -> None:
    assert "No such file" in run("subjects", "put", "cli_1", str(tmp_path / "none.json")).err


def test_consent_is_given_withdrawn_and_shown(run: Run, person: str) -> None:
    run("subjects", "put", "cli_1", person)
    given = run("consents", "give", "cli_1", "--notice-version", "2025-06").json()
    taken = run("consents", "withdraw", "cli_1").json()
    assert taken["earlier_events"][0]["record_id"] == given["record_id"]
    states = [one["event"]["event_state"] for one in run("consents", "show", "cli_1", "--json").json()]
    assert states == ["given", "withdrawn"]
    shown = run("consents", "show", "cli_1").out
    assert "withdrawn" in shown
    assert f"{datetime.now(UTC):%Y-%m-%d}" in shown


def test_an_empty_log_is_listed_as_such(run: Run) -> None:
    nothing: dict[str, object] = {"shares": [], "next": None, "notice": None, "looked": 0, "stopped_early": False}
    assert run("shares", "list", "--json").json() == nothing
    assert run("log", "in-doubt", "--json").json() == {"in_doubt": [], "settled": 0}
    assert run("shares", "show", "shr_" + "0" * 32).code == 1


def test_a_list_is_narrowed_and_goes_on_as_it_was_narrowed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_shared(tmp_path / "home", 5))
    told = run("shares", "list", "--vendor", "openai", "--state", "in_doubt", "--limit", "2", "--since", "2020-01-01")
    assert told.code == 0
    again = shlex.split(told.out.splitlines()[-1].removeprefix("more: ai-gateway "))
    assert again[2:-2] == ["--vendor", "openai", "--state", "in_doubt", "--since", "2020-01-01", "--limit", "2"]
    assert len(run(*again, "--json").json()["shares"]) == 2
    assert run("shares", "list", "--state", "denied", "--json").json()["shares"] == []
    monkeypatch.setattr(search, "LOOKED_AT_MOST", 2)
    monkeypatch.setattr(search, "_STRETCH", 2)
    assert (
        "none among the 2 shares looked through; there are older ones" in run("shares", "list", "--state", "denied").out
    )
    assert 'did you mean "mistral"' in run("shares", "list", "--vendor", "mistrl").out
    assert run("shares", "list", "--state", "denied", "--json").json()["stopped_early"] is True


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (
            ["--feature", "proposal_drafft"],
            1,
            'request-invalid: feature names none in force (did you mean "proposal_draft"',
        ),
        (["--vendor", "opena1"], 1, 'request-invalid: vendor names none in force (did you mean "openai"'),
        (["--since", "last week"], 1, "request-invalid: since must be a day (2026-03-31, UTC)"),
        (["--since", "2026-05-02", "--until", "2026-05-01"], 1, "request-invalid: until must be later than since"),
        (["--state", "doubtful"], 2, "in_doubt"),
        (["--after", "nonsense"], 1, "request-invalid: after must be the `next` of the page before"),
        (["--after", "shr_" + "0" * 32], 1, "request-invalid: after must be the `next` of the page before"),
        (["--after", ""], 1, "request-invalid: after must be the `next` of the page before"),
        (["--feature", "", "--vendor", ""], 1, "feature must have at least 1 character; vendor must have at least 1"),
        (["--since", ""], 1, "request-invalid: since must be a day (2026-03-31, UTC)"),
    ],
)
def test_what_no_list_can_be_narrowed_to_is_refused(run: Run, options: list[str], code: int, said: str) -> None:
    ended = run("shares", "list", *options)
    assert (ended.code, said in ended.err) == (code, True), ended.err


def test_a_name_that_no_file_has_beside_a_person_is_told_and_so_is_the_person(run: Run) -> None:
    told = run("shares", "list", "--vendor", "opena1", "--subject", "cli_l")
    assert told.code == 0
    assert 'The vendor names none in force (did you mean "openai"?).' in told.out
    assert "cli_l: The id is not registered" in told.out


async def _shared(home: Path, count: int) -> None:
    """Shares of a gateway that was killed before it was answered."""
    async with share_samples.share_log(f"sqlite:///{home / 'data' / 'gateway.db'}", home) as parts:
        for _ in range(count):
            await parts.log.begin(share_samples.intent())


def test_nothing_shared_about_somebody_is_told_apart_from_an_id_that_is_nobodys(run: Run, person: str) -> None:
    run("subjects", "put", "cli_1", person)
    assert "not registered" not in run("shares", "list", "--subject", "cli_1").out
    assert "cli_l: The id is not registered" in run("shares", "list", "--subject", "cli_l").out
    disclosed = run("shares", "disclose", "cli_l")
    assert disclosed.json()["shares"] == []
    assert disclosed.json()["standing"]["state"] == "unknown"
    assert "cli_l: The id is not registered" in disclosed.err
    assert run("shares", "disclose", "cli_1").err == ""


@pytest.mark.parametrize(
    ("since", "until", "window"),
    [
        ("2026-03-31", "2026-03-31", ("2026-03-31T00:00:00Z", "2026-04-01T00:00:00Z")),
        ("2026-03-31T09:00:00Z", "2026-03-31T12:00:00+02:00", ("2026-03-31T09:00:00Z", "2026-03-31T10:00:00Z")),
    ],
)
def test_a_disclosure_is_of_days_and_times_as_a_list_is(
    run: Run, person: str, since: str, until: str, window: tuple[str, str]
) -> None:
    run("subjects", "put", "cli_1", person)
    told = run("shares", "disclose", "cli_1", "--since", since, "--until", until).json()["window"]
    assert [datetime.fromisoformat(told[end]) for end in ("since", "until")] == [*map(datetime.fromisoformat, window)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--since", "2026-03-31T09:00:00"], "since must be a day (2026-03-31, UTC) or a time"),
        (["--until", ""], "until must be a day (2026-03-31, UTC) or a time"),
        (["--since", "2026-05-02", "--until", "2026-05-01"], "until must be later than since"),
    ],
)
def test_a_disclosure_of_no_time_is_refused(run: Run, options: list[str], said: str) -> None:
    ended = run("shares", "disclose", "cli_1", *options)
    assert (ended.code, said in ended.err) == (1, True), ended.err


_REQUEST = ("--verified", "account", "--basis", "gdpr_art_17")


def test_an_id_of_which_nothing_is_known_is_not_erased_unless_one_insists(run: Run) -> None:
    ended = run("erase", "run", "cli_l", *_REQUEST)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("not-found: Nothing was found to erase.")
    assert run("erase", "status", "--json").json() == []
    insisted = run("erase", "run", "cli_l", *_REQUEST, "--unknown", "--json")
    assert (insisted.code, insisted.json()["step"], insisted.json()["standing"]) == (0, "completed", "erased")
    assert insisted.json()["standing_before"] == "unknown"
    assert run("erase", "run", "cli_l", *_REQUEST).code == 0, "what was begun is gone on with"


def test_a_hold_on_an_id_of_which_nothing_is_known_is_told_as_such(run: Run) -> None:
    ended = run("erase", "hold", "cli_l", "--reason", "litigation", "--authority", "case 7")
    assert ended.code == 0
    assert "cli_l: The id is not registered" in ended.err


def test_a_registry_that_cannot_be_read_keeps_nobody_from_placing_a_hold(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreadable(*_: object) -> None:
        raise StoreUnavailable("The registry cannot be read")

    monkeypatch.setattr(Standings, "of", unreadable)
    ended = run("erase", "hold", "cli_1", "--reason", "litigation", "--authority", "case 7")
    assert "placed hld_" in ended.out
    assert (ended.code, "cli_1: whether the id is anybody's could not be read" in ended.err) == (0, True)


def test_a_disclosure_after_an_erasure_says_that_there_was_one(run: Run, person: str) -> None:
    run("subjects", "put", "cli_1", person)
    assert run("erase", "run", "cli_1", *_REQUEST).code == 0
    ended = run("shares", "disclose", "cli_1")
    told = ended.json()
    assert (ended.code, told["standing"]["state"]) == (0, "erased")
    assert told["confirmation"]["shared_with_generative_ai_vendors"] is None
    assert "cli_1: The person was erased" in ended.err
    assert "The person was erased" in run("shares", "list", "--subject", "cli_1").out


def test_a_certificate_of_an_erasure_that_waits_says_that_nothing_is_erased(
    run: Run, person: str, tmp_path: Path
) -> None:
    run("subjects", "put", "cli_1", person)
    assert run("erase", "hold", "cli_1", "--reason", "litigation", "--authority", "case 7").code == 0
    assert run("erase", "run", "cli_1", "--verified", "account", "--basis", "gdpr_art_17").code == 1
    folder = tmp_path / "certificate"
    ended = run("erase", "certificate", "cli_1", "--to", str(folder))
    assert "not completed" in ended.out
    made = json.loads((folder / "certificate.json").read_text())
    assert (made["completed"], made["backups"]["can_be_read"]) == (None, True)
    assert "Everything" in made["kept"][0]["what"]
    assert "shredded" not in ended.out


def test_the_shipped_policies_and_prompts_have_no_problems(run: Run) -> None:
    assert run("policies", "check").out == "policies: no problems\n"
    assert run("prompts", "check").out == "prompts: no problems\n"


def test_problems_are_told_one_a_line_with_code_one(run: Run, tmp_path: Path) -> None:
    ended = run("policies", "check", str(tmp_path))
    assert ended.code == 1
    assert "taxonomy.yaml" in ended.out
    assert run("policies", "check", str(tmp_path), "--json").json()


def test_one_error_of_a_prompt_is_counted_as_one(run: Run, tmp_path: Path) -> None:
    prompts = Path(shutil.copytree(Path(__file__).parents[3] / "prompts", tmp_path / "prompts"))
    version = prompts / "profile_summary" / "v1.prompt"
    version.write_text(version.read_text().replace("---\n", "---\ntemperatur: 1\n", 1))
    told = run("prompts", "lint", "profile_summary", "--fast", "--prompts", str(prompts))
    assert told.code == 1
    assert told.out.splitlines()[-1].startswith("1 error, ")
    assert "1 errors" not in told.out


def test_policies_are_explained_by_rule_and_source(run: Run) -> None:
    told = run("policies", "explain", "proposal_draft", "message.content", "--json").json()
    assert told["inputs"] == ["messages"]
    assert all(clause["rule"] and clause["source"] for clause in told["clauses"])
    assert run("policies", "explain", "proposal_drift", "message.content").code == 1


def test_more_than_one_worker_on_the_embedded_default_is_refused_with_the_reason(run: Run) -> None:
    ended = run("serve", "--workers", "2")
    assert ended.code == 3
    assert "PostgreSQL" in ended.err


def test_commands_that_read_start_quickly() -> None:
    """A bound far from what it takes, to notice a slow import; this machine may be busy."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "ai_gateway", "--help"], capture_output=True, check=True)
    assert time.perf_counter() - started < 5


def test_a_database_put_back_from_a_backup_is_told_with_what_to_do(run: Run, tmp_path: Path, person: str) -> None:
    run("subjects", "put", "cli_9", person)
    assert run("log", "restored").out == "the database goes on from where it was last seen\n"
    data = tmp_path / "home" / "data"
    shutil.copytree(data, tmp_path / "backup")
    run("subjects", "show", "cli_9")  # whatever opens the database is seen
    shutil.rmtree(data)
    shutil.copytree(tmp_path / "backup", data)
    told = run("log", "restored")
    assert told.code == 1
    assert "the database was restored: it has 0 entries" in told.out
    assert "ai-gateway log restored --accept" in told.out
    assert run("log", "restored", "--json").json()["restored"] is True
    accepted = run("log", "restored", "--accept")
    assert accepted.code == 0
    assert accepted.out == "accepted: sharing goes on from this database, and the log says so\n"
    assert run("log", "restored").code == 0
    assert run("log", "restored", "--accept", "--json").json() == {"restored": False, "accepted": False}
