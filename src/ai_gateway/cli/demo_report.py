"""What ``ai-gateway demo`` prints."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from ai_gateway.cli.terminal import console, say

if TYPE_CHECKING:
    from ai_gateway.cli.demo import Shown

_COMMAND = sys.argv[0]
_ITEM = "cyan"


def welcome(standin: str | None) -> None:
    if standin is None:
        say("A vendor's key is set: what is shown below goes to that vendor.")
    else:
        say(f"No vendor's key is set: a stand-in at {standin} answers. Nothing leaves this machine.")
    say("Starting the gateway (the model that finds names loads for some seconds) …")


def registered(registry: Mapping[str, Any]) -> None:
    """Who the sample people are, over the registry's own API."""
    latest = {consent["subject"]: consent["state"] for consent in registry["consents"]}
    rows = (
        (
            subject,
            said["role"],
            said.get("region"),
            ", ".join(registry["choices"].get(subject, {}).get("opted_in", ())) or "nothing",
            latest.get(subject, "none"),
        )
        for subject, said in registry["subjects"].items()
    )
    _table("People, as registered", ("id", "role", "region", "opted in to", "consent for messages"), rows)


def tell(shown: "Shown") -> None:
    """One run: three texts side by side, then why, then what is on record."""
    out = console()
    out.print()
    out.rule(f"[bold]{shown.feature}")
    vendor = shown.reply["shares"][-1]["vendor"]
    beside = Table(show_lines=True, expand=True)
    how = "read at its door" if shown.captured else "as previewed"
    for title in ("What went in", f"What {vendor} received ({how})", "What came back"):
        beside.add_column(title, ratio=1, overflow="fold")
    beside.add_row(
        Text("\n\n").join(_items(shown.asked)), Text("\n\n").join(_messages(shown)), Text(shown.reply["output"])
    )
    out.print(beside)
    _decisions(shown)
    _entry(shown)


def _items(asked: Mapping[str, Any]) -> Iterator[Text]:
    for name, given in asked["inputs"].items():
        many = isinstance(given, list)
        for index, item in enumerate(given if many else [given]):
            path = f"{name}[{index}]" if many else name
            author = f", by {item['author']}" if item.get("author") else ""
            about = f"{path} ({item['source']}, about {', '.join(item['about'])}{author})"
            yield Text.assemble((about, _ITEM), "\n", item["text"])


def _messages(shown: "Shown") -> Iterator[Text]:
    for message in shown.received:
        yield Text.assemble((str(message["role"]), _ITEM), "\n", str(message["content"]))


def _decisions(shown: "Shown") -> None:
    rows = (
        (one["input"], one["action"], one["treatment"], one["code"], one["rule"], one["source"])
        for one in shown.reply["decisions"]
    )
    _table("Decisions", ("input", "action", "treatment", "why", "rule", "rests on"), rows)
    found = ", ".join(f"{count} {kind}" for kind, count in shown.reply["entities"].items())
    say(f"Found in what was shared: {found or 'nothing'}")
    known, left = _known(shown)
    say(f"Of {known} identifiers known of these people, {left} stand in what the vendor received.")


def _known(shown: "Shown") -> tuple[int, int]:
    """How many registered identifiers there are, and how many of them are in the received text as written."""
    from ai_gateway import samples

    kinds = [kind for said in samples.read("registry")["subjects"].values() for kind in said["known"].values()]
    known = {identifier for identifiers in kinds for identifier in identifiers}
    text = " ".join(str(message["content"]) for message in shown.received).casefold()
    return len(known), sum(identifier.casefold() in text for identifier in known)


def _entry(shown: "Shown") -> None:
    share = shown.share
    outcome = share["outcome"] or {"status": "none"}
    withheld = sorted({fate["path"] for fate in share["fates"] if fate["action"] == "withheld"})
    rows = (
        ("share", share["id"]),
        ("entry", f"{share['index']} in the log, before anything was sent"),
        ("recipient", f"{share['facts']['vendor']}, {share['facts']['model']}, region {share['facts']['region']}"),
        ("purpose", share["facts"]["purpose"]),
        ("people", ", ".join(person["subject"] for person in share["people"])),
        ("items shared", ", ".join(item["path"] for item in share["items"])),
        ("withheld", ", ".join(withheld) or "nothing"),
        ("policy", share["facts"]["policy"]),
        ("detector", share["facts"]["detector"]),
        ("outcome", f"{outcome['status']}, entry {outcome.get('index')}"),
        ("body on record", "the same bytes" if share["body"] == shown.preview["body"] else "differs from the preview"),
    )
    _table("On record", ("", ""), rows)


def farewell() -> None:
    say(
        f"""
Next, with a gateway that stays:
  {_COMMAND} serve                       # in another terminal; a vendor's key in its environment makes it real
  KEY=$({_COMMAND} keys create marketplace --right features --right registry --right audit)
  curl -s http://127.0.0.1:8080/readyz
  curl -s http://127.0.0.1:8080/v1/subjects/pro_1 -X PUT -H "authorization: Bearer $KEY" \\
       -H 'content-type: application/json' -d '{{"role": "client", "region": "US-CA"}}'
The API is described at http://127.0.0.1:8080/docs; {_COMMAND} --help lists the commands."""
    )


def _table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    made = Table(*columns, title=title, title_justify="left", show_header=any(columns))
    for row in rows:
        made.add_row(*(Text(str(cell)) for cell in row))
    console().print(made)
