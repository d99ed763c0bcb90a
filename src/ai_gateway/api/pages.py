"""``/docs``: the API's description as one plain page. No script, and nothing from anywhere else."""

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{background:#8881;padding:1rem;overflow:auto}
h2{margin-top:2.5rem;border-top:1px solid #8884;padding-top:1rem}table{border-collapse:collapse}
td,th{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}b.m{display:inline-block;min-width:4rem}
:root{color-scheme:light dark}"""


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Every route with what it takes, what it answers and how it fails."""
    return HTMLResponse("".join(_page(request.app.openapi())))


def _page(api: dict[str, Any]) -> Iterator[str]:
    title = escape(api["info"]["title"])
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    yield f"<h1>{title} {escape(api['info']['version'])}</h1><p>{escape(api['info']['description'])}</p>"
    yield '<p>The same for machines: <a href="/openapi.json">/openapi.json</a></p>'
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            yield from _operation(api, path, method, operation)
    yield "</html>"


def _operation(api: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f'<h2><b class="m">{method.upper()}</b> <code>{escape(path)}</code></h2>'
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if content:
        name, shape = _shape(api, content["schema"])
        yield f"<p>Takes <code>{escape(name)}</code>: {escape(shape.get('description', ''))}</p>"
        yield from (f"<pre>{escape(_pretty(example))}</pre>" for example in shape.get("examples", ()))
    yield "<table><tr><th>Status</th><th></th></tr>"
    for status, answer in operation.get("responses", {}).items():
        yield f"<tr><td>{escape(status)}</td><td>{escape(answer.get('description', ''))}</td></tr>"
    yield "</table>"


def _shape(api: dict[str, Any], schema: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return name, api["components"]["schemas"].get(name, {})


def _pretty(example: object) -> str:
    import json

    return json.dumps(example, indent=2, ensure_ascii=False)
