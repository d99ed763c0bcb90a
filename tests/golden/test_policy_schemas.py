"""The published JSON Schemas are what the loader checks. ``UPDATE_GOLDEN=1`` writes them anew."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ai_gateway.adapters.yaml_documents import read_yaml
from ai_gateway.policies.file_shapes import FILE_SHAPES
from ai_gateway.policies.schema import json_schema
from builders_policies import POLICIES_FOLDER

SCHEMAS = POLICIES_FOLDER / "schemas"
TITLES = {
    "taxonomy": "ai_gateway: taxonomy of personal information",
    "vendors": "ai_gateway: vendors",
    "callers": "ai_gateway: what callers' requests run as",
    "retention": "ai_gateway: how long records are kept",
    "recognizers": "ai_gateway: a marketplace's own recognizers",
    "feature": "ai_gateway: a feature's policy",
}


def schema(kind: str) -> dict[str, Any]:
    return json_schema(FILE_SHAPES[kind], TITLES[kind])


def kind_of(path: Path) -> str:
    return "feature" if path.parent.name == "features" else path.stem


def policy_files() -> list[Path]:
    return [*sorted(POLICIES_FOLDER.glob("*.yaml")), *sorted(POLICIES_FOLDER.glob("features/*.yaml"))]


def objects(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("type"), str) or "anyOf" in part or "const" in part:
            yield part
        for inner in part.values():
            yield from objects(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from objects(inner)


@pytest.mark.parametrize("kind", FILE_SHAPES)
def test_the_published_schema_is_the_loaders_own(kind: str) -> None:
    path, text = SCHEMAS / f"{kind}.schema.json", json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("kind", FILE_SHAPES)
def test_a_schema_is_a_valid_one_that_describes_every_key(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(kind))
    assert all(part.get("description") for part in objects(schema(kind)))


@pytest.mark.parametrize("path", policy_files(), ids=lambda path: path.name)
def test_a_shipped_file_is_valid_under_its_schema_and_points_editors_to_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(schema(kind_of(path))).validate(read_yaml(text, path.name).data)
    modeline = text.splitlines()[0]
    assert modeline.startswith("# yaml-language-server: $schema=")
    assert (path.parent / modeline.partition("=")[2]).resolve() == SCHEMAS / f"{kind_of(path)}.schema.json"
