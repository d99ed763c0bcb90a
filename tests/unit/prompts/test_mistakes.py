"""Mistakes that authors make: each is told at its line with a suggestion, and no gateway starts with one."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ai_gateway.adapters.catalogue_files import load_prompts
from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.app.linting import Lint
from ai_gateway.errors import ConfigurationError
from ai_gateway.features import bind
from ai_gateway.workbench.findings import Finding
from ai_gateway.workbench.rules import RULES, WARNING

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[3]
POLICIES = load_policies(ROOT / "policies")
V2, LABELS, PEOPLE = "proposal_draft/v2.prompt", "proposal_draft/labels.yaml", "proposal_draft/people.yaml"


@dataclass(frozen=True, slots=True)
class Mistake:
    """``old`` in ``file`` becomes ``new``; the finding stands in the first line that holds ``at``."""

    file: str
    old: str
    new: str
    code: str
    at: str
    near: str = ""


MISTAKES = (
    Mistake(V2, "description: >-", "descripton: >-", "key-unknown", "descripton", "description"),
    Mistake(V2, "  temperature: 0.4", "  temprature: 0.4", "key-unknown", "temprature", "temperature"),
    Mistake(V2, "  temperature: 0.4", "  temperature: 4", "value-invalid", "temperature: 4"),
    Mistake(V2, "version: 2", "version: two", "value-invalid", "version: two"),
    Mistake(V2, "version: 2", "version: 2\nmodel: gpt-5", "key-unknown", "model: gpt-5"),
    Mistake(V2, "job_post: string", "job_post: strng", "value-invalid", "job_post: strng", "string"),
    Mistake(V2, "    words?: integer", "    word?: integer", "value-invalid", "word?"),
    Mistake(V2, "  words: [60, 400]", "  words: [400, 60]", "value-invalid", "[400, 60]"),
    Mistake(V2, "    tone: plain\n", "    tone: plane\n", "value-invalid", "tone: plane"),
    Mistake(V2, "{{ profile }}", "{{ profil }}", "variable-undeclared", "{{ profil }}", "profile"),
    Mistake(V2, "{{ profile }}", "{{ profile | upper }}", "template-invalid", "{{ profile | upper }}"),
    Mistake(V2, "{{ profile }}", "{{ profile.name }}", "template-forbidden", "{{ profile.name }}"),
    Mistake(V2, "{{ profile }}", "{{ profile }", "template-invalid", "{{ profile }\n"),
    Mistake(V2, "{% endfor %}", "", "template-invalid", "{% endif %}"),
    Mistake(V2, '{{role "user"}}', "{{role tone}}", "role-marker", "{{role tone}}"),
    Mistake(V2, '{{role "user"}}', '{{role "usr"}}', "role-marker", '{{role "usr"}}', "user"),
    Mistake(V2, "      profile: I build booking pages.\n", "", "call-refused", "vars:"),
    Mistake(V2, "      tone: warm", "      tone: loud", "call-refused", "tone: loud"),
    Mistake(V2, "      words: 120", "      wrods: 120", "variable-undeclared", "wrods", "words"),
    Mistake(
        V2,
        "{type: not-contains, value: '?'}",
        "{type: javascript, value: 'true'}",
        "assertion-unsupported",
        "javascript",
    ),
    Mistake(
        V2, "{type: not-contains, value: '?'}", "{type: llm-rubric, value: ok}", "assertion-unsupported", "llm-rubric"
    ),
    Mistake(
        V2,
        "{type: icontains, value: booking}",
        "{type: icontain, value: x}",
        "assertion-unknown",
        "icontain,",
        "icontains",
    ),
    Mistake(V2, "value: '\\[(your )?name\\]'", "value: '['", "assertion-value", "value: '['"),
    Mistake(
        V2, "    assert:\n      - {type: not-contains, value: '?'}\n", "", "test-without-assertions", "Questions only"
    ),
    Mistake(V2, "output:\n  format: text", "output:\n  format: txt", "value-invalid", "txt", "text"),
    Mistake(V2, "name: proposal_draft", "name: [", "file-unreadable", "description"),
    Mistake(LABELS, "  candidate: v2", "  candidate: v7", "label-version", "candidate"),
    Mistake(LABELS, "  production: v1", "  production: v2", "label-unreleased", "production"),
    Mistake(LABELS, "  production: v1", "  prodution: v1", "label-production", "prodution", "production"),
    Mistake(LABELS, "  v1: caca", "  v1: cacb", "released-changed", "cacb"),
    Mistake(PEOPLE, "actor: pro_1", "actor: pro_2", "person-unknown", "actor", "pro_1"),
    Mistake(PEOPLE, "role: client", "role: cleint", "value-invalid", "cleint", "client"),
    Mistake(PEOPLE, "consents: {provide: given}", "consents: {provide: gven}", "value-invalid", "gven", "given"),
    Mistake(PEOPLE, "author: cli_1", "author: cli_2", "person-unknown", "cli_2", "cli_1"),
    Mistake(
        PEOPLE, "    known:\n      names: [Tobias", "    knwon:\n      names: [Tobias", "key-unknown", "knwon", "known"
    ),
)


def test_there_are_enough_of_them() -> None:
    assert len(MISTAKES) >= 20


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: f"{one.file.rpartition('/')[2]} {one.new.strip()[:30]}")
async def test_a_mistake_is_told_at_its_line_with_a_suggestion_and_starts_no_gateway(
    mistake: Mistake, tmp_path: Path
) -> None:
    folder = copied(tmp_path)
    file = folder / mistake.file
    text = file.read_text()
    assert mistake.old in text
    file.write_text(text.replace(mistake.old, mistake.new, 1))

    found = await linted(folder)

    mine = [one for one in found if one.code == mistake.code and one.file.endswith(mistake.file)]
    assert mine, found
    line = next(n for n, line in enumerate(f"{file.read_text()}".split("\n"), 1) if mistake.at.strip("\n") in line)
    assert line in {one.line for one in mine}, mine
    assert all(one.column >= 1 and one.suggestion for one in mine)
    assert not mistake.near or any(f'"{mistake.near}"' in one.suggestion for one in mine), mine
    with pytest.raises(ConfigurationError):
        bind(POLICIES, load_prompts(folder))


UNWISE: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("input-unfenced", lambda text: text.replace("{{ fence }}\n{{ profile }}\n{{ fence }}", "{{ profile }}")),
    ("input-in-system", lambda text: text.replace("Begin with what the client needs", "About: {{ job_post }}\nBegin")),
    ("placeholder-untold", lambda text: re.sub(r"Names and contact.*?stands for\.", "", text, flags=re.DOTALL)),
    ("input-never-given", lambda text: re.sub(r"      messages: \[.*\]\n", "", text)),
)


@pytest.mark.parametrize(("code", "change"), UNWISE, ids=[code for code, _ in UNWISE])
async def test_what_is_unwise_is_a_warning_and_does_start(
    code: str, change: Callable[[str], str], tmp_path: Path
) -> None:
    folder = copied(tmp_path)
    file = folder / V2
    before = file.read_text()
    file.write_text(change(before))
    assert file.read_text() != before

    found = await linted(folder)

    assert {one.code for one in found} == {code}, found
    assert {one.level for one in found} == {WARNING}
    bind(POLICIES, load_prompts(folder))


async def test_the_shipped_prompts_have_nothing_to_find(tmp_path: Path) -> None:
    assert await linted(copied(tmp_path)) == []


async def test_a_prompt_without_people_and_a_file_that_is_none_are_told(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / PEOPLE).unlink()
    (folder / "notes.txt").write_text("mine")
    (folder / "profile_summary" / "recordings.json").write_text("{")

    found = await linted(folder)

    assert {one.code for one in found} == {"people-missing", "value-invalid", "recordings-unreadable"}


def test_every_rule_has_a_suggestion_and_a_name_of_its_own() -> None:
    assert all(rule.suggestion.endswith(".") and rule.title for rule in RULES.values())
    assert all(code == rule.code for code, rule in RULES.items())


def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "prompts"
    shutil.copytree(ROOT / "prompts", folder)
    return folder


async def linted(folder: Path) -> list[Finding]:
    lint = Lint(prompts=folder, policies=ROOT / "policies", detector=None, counter=None)
    for one in lint.folders(()):
        await lint.folder(one, POLICIES)
    return lint.found
