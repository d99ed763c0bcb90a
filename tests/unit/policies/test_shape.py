"""What each kind of shape says of a value that is not of it."""

import pytest

from ai_gateway.documents import Document, Position, Value
from ai_gateway.policies.parts import Part
from ai_gateway.policies.shape import Choice, Either, Flag, Many, Record, Report, Shape, Table, Text, Whole, check

TEXT = Text(says="A word.", pattern="[a-z]+", like="a lower-case word", maximum=8)
CHOICE = Choice(says="A colour.", kind="colour", values=("red", "green"), refused={"pink": "pink is a light red"})
FLAG, NUMBER = Flag(says="Whether."), Whole(says="How many.", minimum=1, maximum=9)
NAMES = Table(says="Names.", key=TEXT, of=NUMBER, maximum=2)
COLOURS = Table(says="Colours.", key=CHOICE, of=NUMBER, complete=True)
RECORD = Record(says="Both.", required={"word": TEXT}, optional={"count": NUMBER}, refused={"size": "say count"})
EITHER = Either(says="Any.", shapes=(FLAG, NUMBER, TEXT, CHOICE, Many(says="List.", of=TEXT), RECORD))


def said(shape: Shape, value: Value) -> list[str]:
    report = Report(Document(file="f", data=value, values={"": Position(1, 1)}, keys={}))
    check(shape, value, "", report)
    return [f"{problem.pointer}: {problem.what}" for problem in report.problems]


@pytest.mark.parametrize(
    ("shape", "value", "problem"),
    [
        (TEXT, 7, ": must be text (a lower-case word), not 7"),
        (TEXT, None, ": must be text (a lower-case word), not nothing"),
        (TEXT, "Word", ": must be a lower-case word"),
        (TEXT, "word\n", ": must be a lower-case word"),
        (TEXT, "wordwordword", ": is longer than 8 characters"),
        (CHOICE, "gren", ': "gren" is no colour (did you mean "green"?)'),
        (CHOICE, "blue", ': "blue" is no colour; there are red, green'),
        (CHOICE, "pink", ': "pink" is no colour: pink is a light red'),
        (CHOICE, "x" * 99, f': "{"x" * 60}…" is no colour; there are red, green'),
        (CHOICE, ["red"], ": must be a colour (red, green), not a list"),
        (FLAG, "yes", ": must be true or false, not text"),
        (FLAG, 1, ": must be true or false, not 1"),
        (Flag(says="On.", only=True), False, ": must be true, not false"),
        (NUMBER, 10, ": must be a whole number from 1 to 9, not 10"),
        (NUMBER, 1.5, ": must be a whole number from 1 to 9, not 1.5"),
        (NUMBER, True, ": must be a whole number from 1 to 9, not true"),
        (Many(says="Words.", of=TEXT), "word", ": must be a list, not text"),
        (Many(says="Words.", of=TEXT), ["a", "b", "a"], "/2: is listed twice"),
        (Many(says="Words.", of=TEXT, minimum=1), [], ": must have 1 to 100 entries, not 0"),
        (NAMES, [], ": must be a mapping, not a list"),
        (NAMES, {}, ": must have 1 to 2 keys, not 0"),
        (NAMES, {"A": 1}, "/A: has a key that is not a lower-case word"),
        (NAMES, {"a": 0}, "/a: must be a whole number from 1 to 9, not 0"),
        (COLOURS, {"red": 1, "green": 1, "blue": 1}, '/blue: "blue" is no colour; there are red, green'),
        (COLOURS, {"red": 1}, ': the key "green" is missing'),
        (RECORD, "word", ": must be a mapping with the keys word, not text"),
        (RECORD, {}, ': the key "word" is missing'),
        (RECORD, {"word": "a", "cuont": 1}, '/cuont: "cuont" is not a key here (did you mean "count"?)'),
        (RECORD, {"word": "a", "size": 1}, '/size: "size" is not a key here: say count'),
        (EITHER, 10, ": must be a whole number from 1 to 9, not 10"),
        (EITHER, "A", ": must be a lower-case word"),
        (EITHER, ["A"], "/0: must be a lower-case word"),
        (EITHER, {}, ': the key "word" is missing'),
        (EITHER, None, ": must be a mapping with the keys word, not nothing"),
    ],
)
def test_a_value_of_another_shape_is_said_to_be(shape: Shape, value: Value, problem: str) -> None:
    assert said(shape, value) == [problem]


@pytest.mark.parametrize("value", [True, 3, "a", ["a", "b"], {"word": "a", "count": 2}])
def test_a_value_of_either_shape_passes(value: Value) -> None:
    nested = Either(says="Any, again.", shapes=(EITHER, NAMES))
    assert said(nested, value) == []


def test_one_mistake_leaves_its_neighbours_clean() -> None:
    report = Report(Document(file="f", data={}, values={"": Position(1, 1)}, keys={}))
    report.add("/a/b", "is wrong")
    assert not report.clean("/a")
    assert not report.clean("/a/b")
    assert report.clean("/a/bc")
    assert report.clean("/ab")


def test_reading_a_part_without_its_shape_is_an_error_of_the_program() -> None:
    part = Part.of("f", "", {"word": 1, "list": "a", "number": "a"})
    for read in (lambda: part.text("word"), lambda: part.texts("list"), lambda: part.whole("number")):
        with pytest.raises(TypeError):
            read()
    for entries in (lambda: Part.of("f", "/x", []), lambda: part.part("word"), lambda: list(part.listed("list"))):
        with pytest.raises(TypeError):
            entries()
