"""The tables of keys in the policies' reference are the shapes that the loader checks. ``UPDATE_GOLDEN=1`` writes them
anew."""

import os
from collections.abc import Iterator
from pathlib import Path

from ai_gateway.policies.file_shapes import FILE_SHAPES
from ai_gateway.policies.shape import Choice, Either, Flag, Many, Number, Record, Shape, Table, Text, Whole

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "policies.md"
BEGIN, END = "<!-- keys: begin -->\n", "<!-- keys: end -->\n"
FILES = {
    "feature": "features/*.yaml",
    "taxonomy": "taxonomy.yaml",
    "vendors": "vendors.yaml",
    "callers": "callers.yaml",
    "retention": "retention.yaml",
    "recognizers": "recognizers.yaml",
}
_MANY_VALUES = 30


def may_be(shape: Shape) -> str:  # noqa: PLR0911 - a case each
    match shape:
        case Text():
            return shape.like or "text"
        case Choice():
            values = shape.values if len(shape.values) <= _MANY_VALUES else (*shape.values[:3], "…")
            return ", ".join(f"`{value}`" for value in values)
        case Flag():
            return "`true` or `false`" if shape.only is None else f"`{str(shape.only).lower()}`"
        case Whole():
            return f"a whole number, {shape.minimum:,} to {shape.maximum:,}"
        case Number():
            return f"a number, {shape.minimum:g} to {shape.maximum:g}"
        case Many():
            return f"a list: {may_be(shape.of)}" if not isinstance(shape.of, Record | Table) else "a list"
        case Table() | Record():
            return "a mapping"
        case Either():
            return "; or ".join(may_be(one) for one in shape.shapes)
        case _:
            raise TypeError(shape)


def rows(shape: Shape, path: str) -> Iterator[tuple[str, str, str, str]]:
    match shape:
        case Record():
            for key, inner in (*shape.required.items(), *shape.optional.items()):
                if key == "source" and path:
                    continue  # every part has one; said once, above the tables
                at = f"{path}.{key}" if path else key
                yield at, "yes" if key in shape.required else "", may_be(inner), inner.says
                yield from rows(inner, at)
        case Table():
            yield from rows(shape.of, f"{path}.<name>")
        case Many():
            yield from rows(shape.of, f"{path}[]")
        case Either():
            for one in shape.shapes:
                yield from rows(one, path)
        case _:
            return


def tables() -> str:
    parts: list[str] = []
    for kind, file in FILES.items():
        shape = FILE_SHAPES[kind]
        lines = "\n".join(f"| `{at}` | {needed} | {what} | {says} |" for at, needed, what, says in rows(shape, ""))
        parts.append(
            f"### `{file}`\n\n{shape.says}\n\n| Key | Needed | May be | What it says |\n|---|---|---|---|\n{lines}\n"
        )
    return "\n".join(parts)


def test_the_page_has_every_key_of_every_file() -> None:
    assert set(FILES) == set(FILE_SHAPES)
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    made = f"{before}{BEGIN}\n{tables()}\n{END}{after}"
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(made, encoding="utf-8")
        text = made
    assert text == made
