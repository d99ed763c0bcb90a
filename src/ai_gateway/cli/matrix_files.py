"""The matrix as files: CSV for a spreadsheet, and one HTML page to read, print and sign."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, fields
from html import escape
from itertools import groupby

from ai_gateway.policies.matrix import Cell, Matrix

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(made: Matrix) -> str:
    """RFC 4180, in UTF-8. No cell is taken for a formula by a spreadsheet. The digests come last."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    names = [field.name for field in fields(Cell)]
    writer.writerow(names)
    for cell in made.cells:
        row = asdict(cell)
        writer.writerow([_plain(row[name]) for name in names])
    for of, digest in made.digests:
        writer.writerow([_plain(f"digest of {of}"), digest, *[""] * (len(names) - 2)])
    return out.getvalue()


def _plain(value: object) -> str:
    """A cell that begins like a formula is made text by a quote, as spreadsheets do it (OWASP, CSV injection)."""
    text = "; ".join(value) if isinstance(value, tuple | list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #6b7280; --soft: #f1f3f5; --never: #5b616b; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --paper: #14171a; --line: #8b929c; --soft: #20252a; --never: #aab1bb; }
}
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
       padding: 1.5rem; max-width: 90rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 2rem; font-size: 0.875rem; }
caption { text-align: left; font-weight: 600; padding: 0.5rem 0; }
th, td { border: 1px solid var(--line); padding: 0.4rem 0.5rem; text-align: left; vertical-align: top; }
thead th { background: var(--soft); }
tr.never td { color: var(--never); }
code { font-size: 0.8125rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; }
.sign { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 2rem; margin-top: 3rem; }
.sign p { border-top: 1px solid var(--ink); padding-top: 0.25rem; margin-top: 3.5rem; }
a:focus-visible, .wide:focus-visible { outline: 3px solid #2563eb; outline-offset: 2px; }
@media print {
  :root { --ink: #000; --paper: #fff; --soft: #fff; --never: #333; }
  body { padding: 0; max-width: none; font-size: 10pt; } table { font-size: 8pt; }
  thead { display: table-header-group; } tr, .sign { break-inside: avoid; } .wide { overflow: visible; }
}
"""
_COLUMNS = (
    "Category",
    "Input and sources",
    "Vendor",
    "Model",
    "Treatment",
    "On these terms",
    "People in",
    "Entities",
    "Rests on",
)


def as_html(made: Matrix, at: str) -> str:
    """One page that needs nothing else: no script, no font, no address but this text's own."""
    return "\n".join(_page(made, at))


def _page(made: Matrix, at: str) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>What is shared with vendors of language models</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield "<main>\n<h1>What is shared with vendors of language models</h1>"
    yield f"<p>Made {escape(at)} from the policies whose digests stand below, under the privacy notice of"
    yield f" {escape(made.notice)}. Every line is the decision the gateway makes about somebody whose standing stops"
    yield " nothing. Whoever opted out, withdrew, is restricted, erased or a minor is never shared.</p>"
    yield '<nav aria-label="Features"><ul>'
    features = [(name, list(cells)) for name, cells in groupby(made.cells, key=lambda cell: cell.feature)]
    for name, _ in features:
        yield f'<li><a href="#{escape(name)}">{escape(name)}</a></li>'
    yield "</ul></nav>"
    for name, cells in features:
        yield from _feature(name, cells)
    yield "<h2>Digests</h2>\n<dl>"
    for of, digest in made.digests:
        yield f"<dt>{escape(of)}</dt><dd><code>{escape(digest)}</code></dd>"
    yield '</dl>\n<section aria-label="Signature" class="sign">'
    for line in ("Name and office", "Place and date", "Signature"):
        yield f"<p>{line}</p>"
    yield "</section>\n</main>\n</body>\n</html>\n"


def _feature(name: str, cells: list[Cell]) -> Iterator[str]:
    label = escape(f"Feature {name}")
    yield f'<h2 id="{escape(name)}">{label}</h2>\n<div class="wide" tabindex="0" role="region" aria-label="{label}">'
    yield f"<table>\n<caption>{label}, purpose: {escape(cells[0].purpose)}</caption>\n<thead><tr>"
    yield "".join(f'<th scope="col">{column}</th>' for column in _COLUMNS) + "</tr></thead>\n<tbody>"
    for cell in cells:
        if cell.input:
            yield _row(cell)
    never = sorted({cell.category_name for cell in cells if not cell.input})
    yield "</tbody>\n</table>\n</div>"
    if never:
        yield f"<p>Never shared by this feature, with any vendor: {escape(', '.join(never))}.</p>"


def _row(cell: Cell) -> str:
    texts = (
        f"{cell.input}: {', '.join(cell.sources)}",
        f"{cell.legal_name} ({cell.vendor}), in {cell.country}; keeps {cell.retention_days} days",
        cell.model,
        cell.treatment,
        "; ".join(cell.terms),
        "; ".join((", ".join(cell.regions) or "nowhere", *(f"not {one}" for one in cell.otherwise))),
        "; ".join(cell.entities),
        cell.rests_on,
    )
    kind = "" if cell.regions else ' class="never"'
    head = f'<th scope="row">{escape(cell.category_name)}</th>'
    return f"<tr{kind}>{head}{''.join(f'<td>{escape(text)}</td>' for text in texts)}</tr>"
