import pytest

from ai_gateway.adapters.presidio_operators import PresidioOperators

operators = PresidioOperators()


@pytest.mark.parametrize(
    ("text", "replacements", "expected"),
    [
        ("nothing here", [], "nothing here"),
        ("", [], ""),
        ("Ana met Bo", [(0, 3, "<P_1>"), (8, 10, "<P_2>")], "<P_1> met <P_2>"),
        ("Ana Bo", [(0, 3, "<P_1>"), (4, 6, "<P_2>")], "<P_1> <P_2>"),
        ("AnaBo", [(0, 3, "<P_1>"), (3, 5, "<P_2>")], "<P_1><P_2>"),
        ("Ana   Bo", [(4, 5, ""), (0, 3, "x")], "x  Bo"),
        ("Ana Ana", [(0, 3, "<P_1>"), (4, 7, "<P_1>")], "<P_1> <P_1>"),
        ("ünïcode 🙂 名前です", [(10, 12, "<P_1>")], "ünïcode 🙂 <P_1>です"),
        ("all", [(0, 3, "new")], "new"),
        ("a\r\nb", [(3, 4, "<P_1>")], "a\r\n<P_1>"),
    ],
)
def test_each_span_becomes_its_own_value_and_nothing_else_changes(
    text: str, replacements: list[tuple[int, int, str]], expected: str
) -> None:
    assert operators.apply(text, replacements) == expected


def test_many_neighbours_keep_their_order_and_their_own_values() -> None:
    text = " ".join("x" for _ in range(50))
    replacements = [(2 * n, 2 * n + 1, f"<P_{n}>") for n in range(50)]
    assert operators.apply(text, replacements) == " ".join(f"<P_{n}>" for n in range(50))


@pytest.mark.parametrize(
    "spans", [[(0, 2), (1, 3)], [(0, 4), (1, 2)], [(2, 2)], [(3, 1)], [(0, 99)], [(-2, 1)], [(0, 2), (0, 2)]]
)
def test_spans_that_are_not_disjoint_are_an_error_that_tells_no_text(spans: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="empty, overlaps or lies outside") as caught:
        operators.apply("Zephyrine", [(start, end, "x") for start, end in spans])
    assert "Zeph" not in str(caught.value)


def test_the_engine_writes_no_log_lines_of_what_it_does(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    operators.apply("Zephyrine wrote", [(0, 9, "<PERSON_1>")])
    assert not caplog.records
