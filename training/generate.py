"""Training texts from templates: ``python -m training.generate --seed 1 --count 20000 --out texts.jsonl``.

One JSON object a line: ``{"id", "family", "kind", "lang", "text", "spans": [[start, end, TYPE], …]}``, offsets in
characters. The same seed and templates make the same texts.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random

from training.distortions import distort
from training.pieces import Piece, join
from training.slots import World
from training.templates import Template, read_all, render

TRAPS = 0.4
"""Share of texts that begin with what looks personal and is not; a tenth of them goes on with somebody."""
JOINED = 0.12
"""Share of texts that are two or three texts of one language, one after the other."""
JOINED_IF_FIXED = 0.4
"""The same for a template without slots, which would say the same thing every time."""
LONG = 30
"""Characters of a template that count as much as one short template does when a family is drawn."""
TRIES = 25
"""How often another text is made in place of one that was there already."""


def rows(seed: int, count: int, templates: list[Template] | None = None) -> Iterator[dict[str, object]]:
    """Rows as they are written to the file."""
    chance = Random(seed)
    choose = _Chooser(templates or read_all())
    seen: set[str] = set()
    for number in range(count):
        template, text, spans = _one(choose, chance)
        for _ in range(TRIES):
            if text not in seen:
                break
            template, text, spans = _one(choose, chance)
        seen.add(text)
        yield {
            "id": f"g{seed}-{number:06}",
            "family": template.family,
            "kind": template.kind,
            "lang": template.lang,
            "text": text,
            "spans": spans,
        }


def _one(choose: "_Chooser", chance: Random) -> tuple[Template, str, list[tuple[int, int, str]]]:
    template = choose.template(chance)
    pieces = _pieces(template, chance)
    if not template.verbatim and chance.random() < (JOINED if template.slots() else JOINED_IF_FIXED):
        for _ in range(chance.randint(1, 2)):
            other = choose.neighbour(template, chance)
            pieces += [Piece(chance.choice(("\n\n", "\n", " "))), *_pieces(other, chance)]
    return (template, *join(pieces))


def _pieces(template: Template, chance: Random) -> list[Piece]:
    pieces = render(template, World(template.lang, chance), chance)
    return pieces if template.verbatim else distort(pieces, chance)


class _Chooser:
    """Families weigh by the root of their size, so that large ones do not drown small ones and long texts come up.

    A template counts once for each ``LONG`` characters it has.
    """

    def __init__(self, templates: list[Template]) -> None:
        self._groups: dict[bool, dict[str, list[Template]]] = {True: defaultdict(list), False: defaultdict(list)}
        self._languages: dict[tuple[str, bool], list[Template]] = defaultdict(list)
        for template in templates:
            self._groups[template.trap][template.family].append(template)
            if not template.verbatim:
                self._languages[template.lang, template.trap].append(template)

        self._families = {trap: list(families) for trap, families in self._groups.items()}
        self._weights = {
            trap: [sum(max(1, len(one.source) / LONG) for one in group) ** 0.5 for group in families.values()]
            for trap, families in self._groups.items()
        }

    def template(self, chance: Random) -> Template:
        wanted = chance.random() < TRAPS
        if not self._groups[wanted]:
            wanted = not wanted
        family = chance.choices(self._families[wanted], self._weights[wanted])[0]
        return chance.choice(self._groups[wanted][family])

    def neighbour(self, template: Template, chance: Random) -> Template:
        """More of the same, or the opposite once in four times; so most traps stay without anything personal."""
        trap = template.trap if chance.random() < 0.75 else not template.trap
        return chance.choice(self._languages[template.lang, trap] or [template])


def main() -> None:
    """Writes the file; says how many texts it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with options.out.open("w", encoding="utf-8") as out:
        for row in rows(options.seed, options.count):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{options.count} texts in {options.out}")


if __name__ == "__main__":
    main()
