"""The invented people that tests plant, and the search for traces of them where none may be."""

from collections.abc import Iterable

PLANTED = (
    "Zephyrine",
    "Quillfeather",
    "zephyrine@quillfeather.example",
    "415-555-0173",
    "4155550173",
    "zephquill",
    "Dana Okafor",
    "Okafor",
    "dana@okafor.example",
    "danabuilds",
    "Sam Lee",
    "sam.lee@brightwater.example",
    "Brightwater",
)

_NEEDLES = tuple(needle for text in PLANTED for needle in {text.encode(), text.lower().encode()})


def traces(texts: Iterable[str | bytes]) -> list[str]:
    """The planted strings found in any of the texts, case-insensitively; personal text itself is not returned."""
    found: set[str] = set()
    for text in texts:
        raw = (text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")).lower()
        found.update(f"canary {index}" for index, needle in enumerate(_NEEDLES) if needle.lower() in raw)
    return sorted(found)
