"""What other thresholds would give: ``python -m benchmarks.detection.curve [--sets FOLDER] [--write]``.

The odds at which the model's words count are multiplied by each of ``ODDS``, everything else stays; leak and
over-removal are those of ``score.py``. Writes a table and a picture between its marks in docs/benchmarks.md, which so
names the picture only once there is one.
"""

import argparse
import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from ai_gateway.adapters.ner_model import MARKETPLACE
from benchmarks.detection.detectors import measure, ours
from benchmarks.detection.report import DOCUMENT, written
from benchmarks.detection.tables import table
from benchmarks.detection.texts import TextSet, corpus, folder

ODDS = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0)
"""Fewer than one: more words count, so that less leaks and more goes that need not."""
MARKS = ("<!-- detection curve: begin -->", "<!-- detection curve: end -->")
PICTURE = DOCUMENT.parent / "pictures" / "detection-curve.svg"
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 720, 420, 60, 24, 170, 48
_CAPTION = "Leak against over-removal at other thresholds"
_SVG = "http://www.w3.org/2000/svg"
_COLOURS = ("#1b4f9c", "#b3541e", "#2d7d46", "#7a3e9d", "#8a6d00")


class Point(NamedTuple):
    """In per cent."""

    odds: float
    leak: float
    over: float


Curves = Mapping[str, Sequence[Point]]


async def measured(sets: Sequence[TextSet]) -> dict[str, list[Point]]:
    """A curve for each set, in the order of ``ODDS``."""
    curves: dict[str, list[Point]] = {texts.name: [] for texts in sets}
    for odds in ODDS:
        detector = ours(model=MARKETPLACE.at_odds(odds))
        await detector.warm()
        for texts in sets:
            scores = await measure(detector, texts)
            curves[texts.name].append(Point(odds, scores.all.leak, scores.all.over_removal))
        await detector.close()
    return curves


def told(curves: Curves) -> str:
    """The table, in Markdown: leak / over for each set and odds."""
    rows = [
        (f"{odds:g}", *(f"{points[i].leak:.2f} / {points[i].over:.2f}" for points in curves.values()))
        for i, odds in enumerate(ODDS)
    ]
    return table(("odds", *curves), rows)


def drawn(curves: Curves) -> str:
    """An SVG: over-removal to the right, leak upwards, a line for each set, a ring where the thresholds are."""
    most_over = max((point.over for points in curves.values() for point in points), default=0.0) or 1.0
    most_leak = max((point.leak for points in curves.values() for point in points), default=0.0) or 1.0
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def place(point: Point) -> tuple[float, float]:
        return round(_LEFT + wide * point.over / most_over, 1), round(_TOP + high * (1 - point.leak / most_leak), 1)

    named = f'role="img" aria-label="{_CAPTION}"'
    parts = [
        f'<svg xmlns="{_SVG}" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12" {named}>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<path d="M{_LEFT} {_TOP}V{_TOP + high}H{_LEFT + wide}" fill="none" stroke="#555555"/>',
        f'<text x="{_LEFT + wide / 2}" y="{_HEIGHT - 10}" text-anchor="middle">removed in vain, %</text>',
        f'<text transform="translate(16 {_TOP + high / 2}) rotate(-90)" text-anchor="middle">leaked, %</text>',
    ]
    for i in range(5):
        over, leak = most_over * i / 4, most_leak * i / 4
        x, y = place(Point(1.0, leak, over))
        parts.append(f'<text x="{x}" y="{_TOP + high + 18}" text-anchor="middle">{over:.1f}</text>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{leak:.1f}</text>')
    for number, (name, points) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [place(point) for point in points]
        line = " ".join(f"{a},{b}" for a, b in places)
        (x, y) = places[ODDS.index(1.0)]
        parts += [
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>',
            *(f'<circle cx="{a}" cy="{b}" r="2.5" fill="{colour}"/>' for a, b in places),
            f'<circle cx="{x}" cy="{y}" r="6" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<text x="{_LEFT + wide + 14}" y="{_TOP + 14 + 20 * number}" fill="{colour}">{escape(name)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def put(curves: Curves, document: Path, picture: Path) -> None:
    """The picture first: no document ever names one that there is not."""
    picture.parent.mkdir(exist_ok=True)
    picture.write_text(drawn(curves), encoding="utf-8")
    shown = f"![{_CAPTION}]({picture.relative_to(document.parent).as_posix()})"
    written(document, f"{shown}\n\n{told(curves)}\n", *MARKS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default=os.environ.get("DETECTION_SETS", ""), help="folder of labelled sets")
    parser.add_argument("--split", choices=("train", "dev", "test"), default="test", help="of our corpus")
    parser.add_argument("--limit", type=int, help="texts per set, from the first")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md and docs/pictures")
    arguments = parser.parse_args()
    sets = [corpus(arguments.split, arguments.limit)]
    if arguments.sets:
        sets += folder(Path(arguments.sets), arguments.limit)
    curves = asyncio.run(measured(sets))
    print(told(curves))
    if arguments.write:
        put(curves, DOCUMENT, PICTURE)


if __name__ == "__main__":
    main()
