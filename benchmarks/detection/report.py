"""Where figures go: between two marks of a document, so that the text around them stays somebody's."""

from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def written(path: Path, section: str, begin: str, end: str) -> None:
    """Between the two marks in the document, which it must have."""
    before, opening, rest = path.read_text(encoding="utf-8").partition(begin)
    _, closing, after = rest.partition(end)
    if not opening or not closing:
        raise SystemExit(f"{path.name} has no {begin} … {end}")
    path.write_text(f"{before}{begin}\n\n{section}\n{end}{after}", encoding="utf-8")
