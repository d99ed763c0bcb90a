"""``ai-gateway detect``: what is found in a text, by what, and how sure that is. Nothing is recorded or sent."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ai_gateway.cli.terminal import AsJson, console, run, say, show, table
from ai_gateway.config import read
from ai_gateway.errors import RequestTooLarge, RequestUnreadable
from ai_gateway.model import Known, Span, SubjectId
from ai_gateway.policies.vocabulary import ENTITY_TYPES, QUASI_IDENTIFIERS

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MAX_BYTES = 4 << 20
_COLOURS = ("red", "blue", "magenta", "green", "cyan", "yellow")
_Names = Annotated[list[str] | None, typer.Option("--name", help="A name that is known of somebody in the text.")]
_Values = Annotated[
    list[str] | None, typer.Option("--known", help="Another identifier that is known: e-mail, phone, handle or link.")
]


@app.command()
def detect(
    text: Annotated[str | None, typer.Argument(help="The text; left out, it is read from --file.")] = None,
    *,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="A text file; `-` reads standard input.")] = None,
    name: _Names = None,
    known: _Values = None,
    quasi: Annotated[
        bool, typer.Option("--quasi", help="Dates, ages and earnings too, which leave unless a rule names them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the personal data found in a text: places, types, what found it (known, pattern, model, propagation), score.

    Detects as the settings and the policies' recognizers say, so as a run would.
    """
    given = text if text is not None else _read(file)
    spans = run(lambda: _detect(given, _known(name or (), known or ()), quasi=quasi))
    told = [
        {
            "start": span.start,
            "end": span.end,
            "type": span.entity,
            "found_by": span.found_by,
            "score": round(span.score, 3),
            "text": given[span.start : span.end],
        }
        for span in spans
    ]
    show(told, as_json, lambda: _tell(given, spans))


def _read(file: Path | None) -> str:
    if file is None:
        raise typer.BadParameter("give a text, or --file with a file's name (`-` reads standard input)")
    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with file.open("rb") as opened:
                data = opened.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise RequestTooLarge(f"{file}: at most {_MAX_BYTES} bytes")
        return data.decode()
    except OSError as error:
        raise RequestUnreadable(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RequestUnreadable(f"{file}: is not UTF-8 text") from None


def _known(names: Sequence[str], values: Sequence[str]) -> Known:
    """Values are sorted into kinds by how they look."""
    mails = tuple(value for value in values if "@" in value[1:])
    links = tuple(value for value in values if "/" in value and value not in mails)
    phones = tuple(value for value in values if value.strip("+()-. 0123456789") == "")
    handles = tuple(value for value in values if value not in {*mails, *links, *phones})
    return Known(names=tuple(names), emails=mails, urls=links, phones=phones, handles=handles)


async def _detect(text: str, known: Known, *, quasi: bool) -> Sequence[Span]:
    from ai_gateway.adapters.logging import configure
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.app.detection import open_detection
    from ai_gateway.ports import Party
    from ai_gateway.treatment.quasi import disjoint, find

    settings = read()
    configure("error")
    recognizers = load_policies(settings.policies_folder).recognizers
    async with open_detection(settings) as detection:
        detector = detection.treatment(recognizers).detector
        await detection.detector.warm()
        (found,) = await detector.detect([text], (Party(SubjectId("somebody"), known),))
    return disjoint((*found, *find(text, QUASI_IDENTIFIERS))) if quasi else found


def _tell(text: str, spans: Sequence[Span]) -> None:
    from rich.text import Text

    shown, at = Text(), 0
    for span in spans:
        shown.append(text[at : span.start])
        colour = _COLOURS[ENTITY_TYPES.index(span.entity) % len(_COLOURS)]
        shown.append(f"[{text[span.start : span.end]}]", style=f"bold {colour}")
        shown.append(f" {span.entity} ", style=f"reverse {colour}")
        at = span.end
    shown.append(text[at:])
    console().print(shown)
    if not spans:
        say("nothing found")
        return
    rows = ((f"{s.start}-{s.end}", s.entity, s.found_by, f"{s.score:.2f}", text[s.start : s.end]) for s in spans)
    table(f"{len(spans)} found", ("characters", "type", "found by", "score", "text"), rows)
