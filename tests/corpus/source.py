"""The corpus as it is written: family files with marks in the text. README.md has the labelling guide.

    family: late-invoice           header, up to the first line that starts with %%
    split: train
    kind: chat
    lang: en
    tags:
    about: what happens in these texts
    %% lang=es kind=support        each text; what it does not say is as in the header
    Hola, soy [[c Inés]] ...

A mark is ``[[party value]]`` for a person's name and ``[[party.type value]]`` for anything else. ``\\u{200b}`` writes a
character that nobody could see here, ``\\b64{...}`` its content in Base64.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FAMILIES = Path(__file__).parent / "families"
SPLITS = ("train", "dev", "test")
KINDS = ("job_post", "proposal", "chat", "review", "profile", "support", "contract", "feedback")
LANGUAGES = ("en", "es", "fr", "de", "pt", "nl", "it", "pl", "uk", "hi", "tl")
TAGS = ("hard_negative", "adversarial")
PARTIES = {"c": "client", "p": "professional", "t": "third", "n": "nobody"}
TYPES = {
    "": "PERSON",
    "mail": "EMAIL_ADDRESS",
    "tel": "PHONE_NUMBER",
    "addr": "ADDRESS",
    "loc": "LOCATION",
    "org": "ORGANIZATION",
    "url": "URL",
    "handle": "HANDLE",
    "ip": "IP_ADDRESS",
    "mac": "MAC_ADDRESS",
    "card": "CREDIT_CARD",
    "iban": "IBAN",
    "bank": "BANK_ACCOUNT",
    "gov": "GOVERNMENT_ID",
    "tax": "TAX_ID",
    "dob": "DATE_OF_BIRTH",
    "secret": "SECRET",
    "crypto": "CRYPTO_ADDRESS",
    "geo": "COORDINATES",
    "vehicle": "VEHICLE_ID",
    "device": "DEVICE_ID",
}

_MARK = re.compile(r"\[\[([a-z])(?:\.([a-z]+))?[ \n](.*?)\]\]", re.DOTALL)
_CHARACTER = re.compile(r"\\u\{([0-9a-fA-F]{2,6})\}")
_ENCODED = re.compile(r"\\b64\{([^}]*)\}")


class BadSource(ValueError):
    """A family file that does not read; the message names file and line, and what to do."""


@dataclass(frozen=True, slots=True)
class Label:
    """Characters ``start`` up to ``end`` of a text are of this type and belong to this party."""

    start: int
    end: int
    entity: str
    party: str


@dataclass(frozen=True, slots=True)
class Text:
    """One labelled text of the corpus."""

    id: str
    family: str
    split: str
    kind: str
    lang: str
    tags: tuple[str, ...]
    text: str
    labels: tuple[Label, ...]

    def value(self, label: Label) -> str:
        return self.text[label.start : label.end]

    def row(self) -> dict[str, object]:
        """As a line of JSON; a span is ``[start, end, type, party]``."""
        return {
            "id": self.id,
            "family": self.family,
            "kind": self.kind,
            "lang": self.lang,
            "tags": list(self.tags),
            "text": self.text,
            "spans": [[label.start, label.end, label.entity, label.party] for label in self.labels],
        }


def read_all() -> list[Text]:
    """Every text of every family, families in the order of their names."""
    return [text for path in sorted(FAMILIES.glob("*.txt")) for text in read_family(path)]


def read_family(path: Path) -> list[Text]:
    head, *bodies = re.split(r"(?m)^%%", path.read_text(encoding="utf-8"))
    header = _header(path, head.splitlines())
    return [_text(path, header, number, body) for number, body in enumerate(bodies, 1)]


def _header(path: Path, lines: list[str]) -> dict[str, str]:
    header = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines if line.strip())}
    if header.keys() != {"family", "split", "kind", "lang", "tags", "about"} or header["family"] != path.stem:
        raise BadSource(f"{path.name}: the header needs family (the file's name), split, kind, lang, tags and about")
    return header


def _text(path: Path, header: Mapping[str, str], number: int, body: str) -> Text:
    attributes, _, written = body.partition("\n")
    told = dict(header) | dict(_pairs(path, attributes))
    text, labels = _unmark(path, written.strip("\n"))
    tags = tuple(told["tags"].split())
    known = told["split"] in SPLITS and told["kind"] in KINDS and told["lang"] in LANGUAGES and set(tags) <= set(TAGS)
    if not known:
        raise BadSource(f"{path.name}, text {number}: split, kind, lang or tags are none of those in source.py")
    identity = f"{path.stem}-{number:02}"
    return Text(identity, path.stem, told["split"], told["kind"], told["lang"], tags, text, labels)


def _pairs(path: Path, attributes: str) -> Iterator[tuple[str, str]]:
    for word in attributes.split():
        key, found, value = word.partition("=")
        if not found or key not in ("kind", "lang", "tags"):
            raise BadSource(f"{path.name}: {word!r} after %% must be kind=, lang= or tags=")
        yield key, value


def _unmark(path: Path, written: str) -> tuple[str, tuple[Label, ...]]:
    plain, labels, at = "", list[Label](), 0
    for mark in _MARK.finditer(written):
        party, kind, value = mark[1], mark[2] or "", _plain(mark[3])
        if party not in PARTIES or kind not in TYPES or not value.strip():
            raise BadSource(f"{path.name}: {mark[0]!r} is not [[party value]] or [[party.type value]]")
        plain += _plain(written[at : mark.start()])
        labels.append(Label(len(plain), len(plain) + len(value), TYPES[kind], PARTIES[party]))
        plain, at = plain + value, mark.end()
    plain += _plain(written[at:])
    if re.search(r"\[\[[a-z](?:\.[a-z]+)? ", plain):
        raise BadSource(f"{path.name}: a mark in {plain[:60]!r} is not closed")
    return plain, tuple(labels)


def _plain(written: str) -> str:
    encoded = _ENCODED.sub(lambda found: base64.b64encode(found[1].encode()).decode(), written)
    return _CHARACTER.sub(lambda found: chr(int(found[1], 16)), encoded)
