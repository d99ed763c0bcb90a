"""A family file is read whole, or not at all: what the reader would lose or change without a word is an error."""

from pathlib import Path

import pytest
from training.templates import BadTemplate, read, read_all

HEADER = "family: gen-some\nkind: chat\nlang: en\neach: line\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "some.txt"
    file.write_text(text, "utf-8")
    return file


def test_every_line_behind_the_header_is_a_text(tmp_path: Path) -> None:
    templates = list(read(written(tmp_path, HEADER + "%%\ncall <me|us>\n\nmail [[PERSON Hope]]\n%% trap=yes\nnothing")))
    assert [(t.source, t.trap) for t in templates] == [
        ("call <me|us>", False),
        ("mail [[PERSON Hope]]", False),
        ("nothing", True),
    ]


@pytest.mark.parametrize("lost", ["call {phone.apart}\n%%\n", "reach me: {phone}\n%%\n", "lang:\n%%\n"])
def test_a_text_before_the_first_mark_is_an_error(tmp_path: Path, lost: str) -> None:
    with pytest.raises(BadTemplate, match=r"some\.txt:5: .* write '%%' before the first text"):
        list(read(written(tmp_path, HEADER + lost)))


def test_what_no_header_says_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match=r"some\.txt:5: a header says family"):
        list(read(written(tmp_path, HEADER + "%% traps=yes\nnothing\n")))


@pytest.mark.parametrize("value", ["trap: true", "trap: Yes", "verbatim: 1", "kind: regards"])
def test_a_value_that_no_header_has_or_a_name_said_twice_is_an_error(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadTemplate, match=r"some\.txt:5: (trap|verbatim|kind) is "):
        list(read(written(tmp_path, HEADER + value + "\n%%\nnothing\n")))


@pytest.mark.parametrize("text", ["call <me|us", "<a|<b|c> then", "ask [[PERSON Hope", "[[Person Hope]]", "[[PERSON]]"])
def test_a_choice_or_a_mark_that_is_left_open_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadTemplate, match=r"some\.txt:6: a choice ends"):
        list(read(written(tmp_path, HEADER + "%%\n" + text)))


def test_a_family_that_is_called_a_trap_is_one() -> None:
    assert [t.at for t in read_all() if t.family.endswith("-trap") and not t.trap] == []
