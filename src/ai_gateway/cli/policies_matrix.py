"""``ai-gateway policies matrix``."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ai_gateway.cli.terminal import counted, print_json, say, table
from ai_gateway.config import read


class Form(StrEnum):
    TERMINAL = "terminal"
    HTML = "html"
    CSV = "csv"
    JSON = "json"


def matrix(
    folder: Annotated[Path | None, typer.Argument(help="A policies folder; AI_GATEWAY_POLICIES, else shipped.")] = None,
    *,
    form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.TERMINAL,
    to: Annotated[Path | None, typer.Option(help="Write to this file instead of to standard output.")] = None,
) -> None:
    """Every feature, category, treatment, vendor and model: for a privacy officer to read and sign."""
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.cli.matrix_files import as_csv, as_html
    from ai_gateway.policies import matrix as making

    made = making.matrix(load_policies(folder or read().policies_folder))
    if form is Form.TERMINAL:
        columns = ("feature", "category", "input", "vendor", "model", "treatment", "people in", "on these terms")
        rows = (
            (c.feature, c.category, c.input, c.vendor, c.model, c.treatment, ", ".join(c.regions), "; ".join(c.terms))
            for c in made.cells
            if c.input
        )
        table(f"Shared under the notice of {made.notice}; whatever is not here is not shared", columns, rows)
        for of, digest in made.digests:
            say(f"{digest}  {of}")
        return
    if form is Form.JSON:
        print_json(asdict(made))
        return
    text = as_csv(made) if form is Form.CSV else as_html(made, datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"))
    if to is None:
        sys.stdout.write(text)
    else:
        to.write_text(text, encoding="utf-8", newline="")
        say(f"{to}: {counted(len(made.cells), 'line')}, policies {made.digests[0][1]}")
