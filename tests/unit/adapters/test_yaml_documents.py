import pytest
import yaml

from ai_gateway.adapters import yaml_documents
from ai_gateway.adapters.yaml_documents import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, MAX_PROBLEMS, read_yaml
from ai_gateway.documents import Document, Position
from ai_gateway.errors import ConfigurationError


def read(text: str, first_line: int = 1) -> Document:
    return read_yaml(text, "f.yaml", first_line)


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as raised:
        read(text)
    return raised.value.problems


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("text", "text"),
        ("'true'", "true"),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("NO", "NO"),
        ("~", None),
        ("", None),
        ("null", None),
        ("12", 12),
        ("-7", -7),
        ("007", 7),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("2024-01-01", "2024-01-01"),
        ("12:30", "12:30"),
        ("0x1F", "0x1F"),
        ('"\\u00e9"', "\u00e9"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        (">-\n  one\n  line\n", "one line"),
    ],
)
def test_values_are_those_of_yaml_1_2_and_json(written: str, value: object) -> None:
    assert read(f"key: {written}\n").data == {"key": value}


def test_every_value_and_key_has_its_place() -> None:
    document = read("a: 1\nb:\n  - x\n  - {c/d: 2}\n")
    assert document.values["/b/1/c~1d"] == Position(4, 11)
    assert document.keys["/b/1/c~1d"] == Position(4, 6)
    assert document.values["/b/0"] == Position(3, 5)
    assert document.position("/b/1/missing/deeper") == document.values["/b/1"]


def test_front_matter_is_placed_in_its_file() -> None:
    assert read("a: 1\n", first_line=7).keys["/a"] == Position(7, 1)
    with pytest.raises(ConfigurationError, match=r"f\.yaml:8:4: #/b: has an anchor"):
        read("a: 1\nb: &x 2\n", first_line=7)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "f.yaml:1:1: #: is empty"),
        ("# only a remark\n", "f.yaml:1:1: #: is empty"),
        ("a: 1\na: 2", "f.yaml:2:1: #/a: is written twice (first in line 1)"),
        ("a: 1\n--- \nb: 2", "f.yaml:2:1: #: holds a second document; one file is one document"),
        ("%YAML 1.1\n---\na: 1", "f.yaml:1:1: #: follows a YAML directive; leave it out (YAML 1.2 is assumed)"),
        ("a: *x", "f.yaml:1:4: #/a: is an alias; write the value out"),
        ("a: !x 1", "f.yaml:1:4: #/a: has a tag; only plain values are read"),
        ("a: !!python/object:os.system x", "f.yaml:1:4: #/a: has a tag; only plain values are read"),
        ("1: x", "f.yaml:1:1: #: has a key that is not text; put it in quotes"),
        ("[a]: x", "f.yaml:1:1: #: has a key that is not plain text"),
        ("*x : y", "f.yaml:1:1: #: is an alias; write the value out"),
        ("a: .inf", "f.yaml:1:4: #/a: is not a number a configuration can hold; quote it if it is text"),
        ("a: 1e999", "f.yaml:1:4: #/a: is not a number a configuration can hold; quote it if it is text"),
        (f"a: {10**16}", "f.yaml:1:4: #/a: is not a number a configuration can hold; quote it if it is text"),
        ("a: \x07", "f.yaml:1:1: #: holds a character that YAML does not allow"),
    ],
)
def test_what_a_configuration_has_no_use_for_is_a_problem(text: str, problem: str) -> None:
    assert problems(text)[0] == problem


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"])
def test_a_line_break_to_some_is_written_out(character: str) -> None:
    escape = f"\\u{ord(character):04x}"
    problem = (
        f'#: holds U+{ord(character):04X}, which some readers take for a line break; write "{escape}" in double quotes'
    )
    assert problems(f"a: 1\nb: it{character}self\n") == (f"f.yaml:2:6: {problem}",)
    assert read(f'a: "it{escape}self"\n').data == {"a": f"it{character}self"}


def test_half_a_surrogate_pair_is_told_as_a_character_that_no_file_holds() -> None:
    assert problems("a: \ud800") == ("f.yaml:1:1: #: holds a character that YAML does not allow",)


def test_a_parser_without_libyaml_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: [1, {b: no}]\nc: |\n  two\n  lines\nd: 'x'\ne:\n  - f: 1.5\n"
    quick = read(text)
    monkeypatch.setattr(yaml_documents, "_LOADER", yaml.SafeLoader)
    assert read(text) == quick
    assert problems("a: &x 1\nb: !t 2") == (
        "f.yaml:1:4: #/a: has an anchor; write the value out where it is needed",
        "f.yaml:2:4: #/b: has a tag; only plain values are read",
    )


def test_a_syntax_error_says_where() -> None:
    assert problems("a: 1\nb: [1, 2\n")[0].startswith("f.yaml:3:1: #: is not YAML: ")


def test_several_problems_are_told_at_once() -> None:
    assert len(problems("a: 1\na: 2\nb: !t 3\n1: 4\n")) == 3


def test_an_anchor_bomb_is_refused_at_its_first_anchor() -> None:
    lines = ["a: &a [x, x]", *(f"{b}: &{b} [*{a}, *{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True))]
    assert problems("\n".join(lines))[0] == "f.yaml:1:4: #/a: has an anchor; write the value out where it is needed"


def test_size_depth_count_and_problems_are_bounded() -> None:
    assert problems("#" * (MAX_CHARACTERS + 1)) == (f"f.yaml:1:1: #: is longer than {MAX_CHARACTERS} characters",)
    assert problems("[" * 1000)[0].endswith(f"is nested deeper than {MAX_DEPTH} levels")
    assert problems("- a\n" * (MAX_NODES + 1))[0].endswith(f"a file holds at most {MAX_NODES}")
    assert len(problems("- !t a\n" * (MAX_PROBLEMS + 10))) == MAX_PROBLEMS


def test_a_problem_is_one_printable_line_whatever_the_keys_are() -> None:
    assert problems('"a\\n\\e[31m": !t 1') == (
        "f.yaml:1:14: #/a\\u000a\\u001b[31m: has a tag; only plain values are read",
    )
