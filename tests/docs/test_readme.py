"""The README is true: its tours are run as they stand, its links lead somewhere."""

import re
from pathlib import Path

import pytest

from followed import ROOT, follow, free_port

README = (ROOT / "README.md").read_text()
_TOUR = re.compile(r"<!-- tour: (\w+) -->")
_LINK = re.compile(
    r"\]\(<?([^)<>\s]+)"  # [words](where "title"), ![words](picture)
    r"|^\[[^\]]+\]:[ \t]*<?([^<>\s]+)"  # [words]: where
    r"|<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=[\"']([^\"'\s]+)",
    re.MULTILINE,
)
_CODE = re.compile(r"^(`{3,}).*?^\1|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = [pytest.mark.usefixtures("shows_people_their_data"), pytest.mark.timeout(180)]


def tours() -> dict[str, str]:
    """Per tour, its commands in order, up to the next heading."""
    found: dict[str, str] = {}
    for start in _TOUR.finditer(README):
        section = README[start.end() :].split("\n## ", 1)[0]
        found[start[1]] = "\n".join(_BLOCK.findall(section))
    return found


@pytest.mark.parametrize("tour", sorted(tours()))
def test_a_tour_works_from_its_first_line_to_its_last(tour: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    here = {
        "8765": free_port(),
        "8080": free_port(),
        "--home .ai-gateway": f"--home {home}",
        "AI_GATEWAY_HOME=.ai-gateway": f"AI_GATEWAY_HOME={home}",
    }
    environ = {"AI_GATEWAY_HOME": str(home)}
    said = follow(tours()[tour], ROOT, tmp_path / "output.txt", here=here, environ=environ, seconds=150)
    if tour == "engineer":
        assert '"output":"' in said
        assert "Sam" in said.split('"output":"')[1].split('"finish_reason"')[0]
        assert "Sam Lee" in said.split('"policy":')[-1], "the SDK's part comes last, and has the name"


def named(page: str) -> list[str]:
    """The files that a page's links and pictures name; what code shows is no link."""
    targets = [next(filter(None, found)) for found in _LINK.findall(_CODE.sub("", page))]
    return [target.partition("#")[0] for target in targets if not _ELSEWHERE.match(target)]


def test_links_and_pictures_are_read_however_they_are_written() -> None:
    page = """
[a](a.md) [b](<b.md> "B") ![c](c.svg) [![d](d.png)](d.md#part) <img alt="e" src='e.svg'> <a href="f.md">f</a> [g][]

[g]: g.md
[h](#here) [i](https://site.example/i) <img src="data:image/png;base64,AA"> `[j](j.md)`
```md
[k](k.md)
```
"""
    assert named(page) == ["a.md", "b.md", "c.svg", "d.png", "d.md", "e.svg", "f.md", "g.md"]


def test_every_link_and_every_picture_is_a_file() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in named(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []
