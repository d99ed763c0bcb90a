"""Pages from templates: everything that is not written there is escaped."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ai_gateway.console import words

_FOLDER = files("ai_gateway.console") / "static"
STATIC = {"console.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
"""Files that pages refer to, with their media types."""


def page(name: str, **values: Any) -> str:  # noqa: ANN401 - what a page shows
    return _environment().get_template(name).render(values)


@cache
def static(name: str) -> bytes:
    """Raises ``KeyError`` for a name that is none of ours."""
    if name not in STATIC:
        raise KeyError(name)
    return (_FOLDER / name).read_bytes()


@cache
def address(name: str) -> str:
    """With a mark of its content, so that browsers may keep it for good."""
    return f"/console/static/{name}?{hashlib.sha256(static(name)).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ai_gateway.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(static=address, look=words.look, why=words.why, kind=words.kind)
    environment.filters["spoken"] = words.spoken
    return environment
