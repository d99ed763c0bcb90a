"""The commands that policy authors and privacy officers run."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ai_gateway.cli.matrix_files import as_csv, as_html
from ai_gateway.policies.matrix import matrix
from builders_policies import POLICIES_FOLDER, shipped, with_vendor

Run = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POLICIES_FOLDER, tmp_path / "candidate"))


def change(folder: Path, old: str, new: str, file: str = "features/proposal_draft.yaml") -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def test_explain_takes_its_arguments_by_place_or_by_name(run: Run) -> None:
    by_place = run("policies", "explain", "proposal_draft", "message.content", "--json").json()
    by_name = run("policies", "explain", "--feature", "proposal_draft", "--source", "message.content", "--json").json()
    assert by_place == by_name
    assert by_place["clauses"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), "message-author-missing"),
        (("--author", "other"), "message-consent-missing"),
        (("--author", "other", "--consent", "withdrawn"), "message-consent-withdrawn"),
        (("--author", "other", "--consent", "given"), "allowed-by-consent"),
        (("--author", "actor"), "allowed-own-message"),
        (("--author", "actor", "--opted-out"), "subject-opted-out"),
        (("--author", "actor", "--restricted"), "subject-restricted"),
        (("--author", "actor", "--no-actor-opted-in"), "actor-not-opted-in"),
        (("--author", "actor", "--age", "minor"), "minor"),
        (("--author", "actor", "--region", "unknown"), "allowed-own-message"),
    ],
)
def test_explain_decides_about_whoever_is_supposed(run: Run, options: tuple[str, ...], code: str) -> None:
    told = run("policies", "explain", "proposal_draft", "message.content", "--vendor", "openai", *options, "--json")
    (decision,) = told.json()["decisions"]
    assert decision["code"] == code
    said = [step for step in decision["chain"] if step["code"]]
    assert said[0]["code"] == code, "the chain ends where the decision was made"
    assert said[0]["at"] == decision["rule"]


def test_explain_by_category_tells_every_source_of_it(run: Run) -> None:
    told = run("policies", "explain", "--feature", "profile_summary", "--category", "professional", "--json").json()
    assert "profile.overview" in {one["source"] for one in told}


def test_explain_knows_the_sources_that_there_are(run: Run) -> None:
    ended = run("policies", "explain", "proposal_draft", "message.contnt")
    assert ended.code == 1
    assert 'no source message.contnt (did you mean "message.content"?)' in ended.err


def test_explain_helps_with_a_name_that_is_none(run: Run) -> None:
    assert "proposal_draft" in run("policies", "explain", "proposal_drat", "x.y").err
    assert "Name a source" in run("policies", "explain", "proposal_draft").err
    assert "professional" in run("policies", "explain", "proposal_draft", "--category", "profesional").err
    assert "belongs to" in run("policies", "explain", "proposal_draft", "message.content", "--category", "other").err


def test_diff_tells_decisions_and_not_lines(run: Run, folder: Path) -> None:
    change(folder, "# A draft decides nothing", "# Another comment")
    same = run("policies", "diff", str(POLICIES_FOLDER), str(folder), "--exit-code")
    assert (same.code, "0 groups of them differ" in same.out) == (0, True)
    change(folder, "    consent: author\n", "    consent: author\n    entities: []\n")
    change(folder, "treatment: pseudonymize\n    consent: author", "treatment: redact\n    consent: author")
    differs = run("policies", "diff", str(POLICIES_FOLDER), str(folder), "--exit-code", "--json")
    assert differs.code == 1
    assert {one["input"] for one in differs.json()["changes"]} == {"messages"}


def test_the_matrix_has_every_feature_category_and_vendor(run: Run) -> None:
    told = run("policies", "matrix", "--format", "json").json()
    rows = {(cell["feature"], cell["category"], cell["vendor"]) for cell in told["cells"]}
    policies = shipped()
    assert rows == {
        (name, category, choice.vendor)
        for name, feature in policies.features.items()
        for category in policies.taxonomy.categories
        for choice in feature.vendors
    }
    assert dict(told["digests"])["policies"] == policies.digest
    hosted = [cell for cell in told["cells"] if cell["vendor"] == "self_hosted" and cell["input"] == "profile"]
    assert {tuple(cell["regions"]) for cell in hosted} == {("elsewhere",)}
    assert "proposal_draft" in run("policies", "matrix").out


def test_no_two_lines_of_the_matrix_are_the_same_however_it_is_written(run: Run) -> None:
    """A feature may list one vendor with several models: each is a line of its own, so each names its model."""
    made = matrix(shipped())
    models = {cell.model for cell in made.cells}
    head, *rows = list(csv.reader(io.StringIO(as_csv(made))))
    assert {row[head.index("model")] for row in rows if row[0] in shipped().features} == models
    assert len({tuple(row) for row in rows}) == len(rows)

    page = _Page()
    page.feed(as_html(made, "2026-11-28"))
    heads, lines = page.headings[0], page.rows
    assert heads.index("Model") == heads.index("Vendor") + 1
    assert {row[heads.index("Model")] for row in lines} == {cell.model for cell in made.cells if cell.input}
    assert all(len(row) == len(heads) for row in lines)

    told = run("policies", "matrix").out
    assert "model" in next(line for line in told.splitlines() if "vendor" in line)
    assert all(model[:8] in told for model in models)


def test_no_cell_of_the_csv_is_a_formula_whatever_the_policies_say() -> None:
    policies = with_vendor(shipped(), "openai", legal_name='=HYPERLINK("http://evil.example","x")', country="+1")
    rows = list(csv.reader(io.StringIO(as_csv(matrix(policies)))))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert any("'=HYPERLINK" in cell for row in rows for cell in row)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.lines: list[list[str]] = []

    @property
    def headings(self) -> list[list[str]]:
        return [line for line in self.lines if line[0] == "Category"]

    @property
    def rows(self) -> list[list[str]]:
        return [line for line in self.lines if line[0] != "Category"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag == "tr":
            self.lines.append([])
        elif tag in ("th", "td"):
            self.lines[-1].append("")
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.open and self.open[-1] in ("th", "td"):
            self.lines[-1][-1] += data


def test_the_page_stands_alone_escapes_what_it_shows_and_can_be_signed() -> None:
    policies = with_vendor(shipped(), "openai", legal_name="<script>alert(1)</script>")
    text = as_html(matrix(policies), "2026-11-28")
    page = _Page()
    page.feed(text)
    assert page.open == []
    tags = [tag for tag, _ in page.seen]
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert "http" not in text.replace("https://openai.com", "")
    assert ("html", {"lang": "en"}) in page.seen
    assert tags.count("h1") == 1
    assert tags.count("caption") == tags.count("table") == len(policies.features)
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in page.seen if tag == "th")
    assert "Signature" in page.text
    assert policies.digest in page.text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_a_version_that_was_in_force_is_found_by_a_digest_and_written_out(run: Run, tmp_path: Path) -> None:
    run("doctor")  # a start like the server's: what is in force is kept
    listed = run("policies", "versions", "--json").json()
    assert {one["folder"] for one in listed} == {"policies", "prompts"}
    digest = shipped().features[next(iter(shipped().features))].digest
    shown = run("policies", "show", digest[:12], "--to", str(tmp_path / "then"), "--json").json()
    assert shown["holds"] is True
    assert shown["of"].startswith("policy of ")
    written = tmp_path / "then" / "vendors.yaml"
    assert written.read_bytes() == (POLICIES_FOLDER / "vendors.yaml").read_bytes()
    assert run("policies", "check", str(tmp_path / "then")).code == 0
    assert "there already" in run("policies", "show", digest, "--to", str(tmp_path / "then")).err
    assert "No kept version" in run("policies", "show", "0" * 64).err
    assert "hexadecimal" in run("policies", "show", "%_%_%_%_%").err


def test_replay_of_an_empty_log_says_so_and_a_period_must_be_one(run: Run) -> None:
    told = run("policies", "replay", "--since", "30d", "--policies", str(POLICIES_FOLDER), "--json")
    assert json.loads(told.out)["shares"] == 0
    assert "30d" in run("policies", "replay", "--since", "a while", "--policies", str(POLICIES_FOLDER)).err
