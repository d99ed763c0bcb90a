"""The API's description: complete, valid, and what it was (``tests/golden/openapi.json``)."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from jsonschema import Draft202012Validator

from ai_gateway.api.application import application
from ai_gateway.api.dialects import dialect_of
from ai_gateway.api.limits import Bounds
from ai_gateway.api.schemas import RUN_EXAMPLE, FeatureRun

GOLDEN = Path(__file__).parents[2] / "golden" / "openapi.json"


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    app = application(
        lifespan=None,  # type: ignore[arg-type]
        observer=None,  # type: ignore[arg-type]
        bounds=Bounds(),
        exchanges=Bounds(),
        words=frozenset(),
        console=APIRouter(),
    )
    described: dict[str, Any] = json.loads(json.dumps(app.openapi()))
    return described


def operations(api: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{m.upper()} {path}", op) for path, methods in api["paths"].items() for m, op in methods.items()]


def test_the_description_is_what_it_was(api: dict[str, Any]) -> None:
    """After a wanted change: ``WRITE_GOLDEN=1 pytest tests/unit/api/test_openapi.py``."""
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(api, indent=2, sort_keys=True) + "\n")
    assert api == json.loads(GOLDEN.read_text())


def test_every_schema_is_a_valid_json_schema(api: dict[str, Any]) -> None:
    for schema in api["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_under_v1_documents_its_errors_and_its_authentication(api: dict[str, Any]) -> None:
    for name, operation in operations(api):
        if " /v1/" not in name:
            continue
        assert {"401", "403", "500"} <= set(operation["responses"]), name
        assert operation["security"], name
        assert operation["description"], name


def test_no_route_documents_the_frameworks_own_errors(api: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in api["components"]["schemas"]


def test_every_documented_error_is_a_problem_with_its_code(api: dict[str, Any]) -> None:
    for name, operation in operations(api):
        for status, answer in operation["responses"].items():
            for code, example in answer["content"].get("application/problem+json", {}).get("examples", {}).items():
                assert (example["value"]["code"], example["value"]["status"]) == (code, int(status)), name


def test_an_error_has_one_media_type(api: dict[str, Any]) -> None:
    for name, operation in operations(api):
        for status, answer in operation["responses"].items():
            path = name.split()[1]
            if not path.startswith("/v1/") or int(status) < 400:
                continue
            if dialect_of({"path": path, "headers": []}) is not None:
                assert list(answer["content"]) == ["application/json"], name
            else:
                assert list(answer["content"]) == ["application/problem+json"], name
                assert answer["content"]["application/problem+json"]["schema"], name


def test_the_example_is_a_run_that_the_schema_takes(api: dict[str, Any]) -> None:
    call = FeatureRun.model_validate(RUN_EXAMPLE).call("proposal_draft", gpc=False)
    assert [item.path for item in call.items] == ["job_post", "profile", "messages[0]"]
    schema = {**api["components"]["schemas"]["FeatureRun"], "components": api["components"]}
    Draft202012Validator(schema).validate(RUN_EXAMPLE)


REQUESTS = ("FeatureRun", "ItemShape", "KnownShape", "DescribedSubject", "RegisteredSubject", "ChosenFeatures")


@pytest.mark.parametrize("name", [*REQUESTS, "ConsentReport"])
def test_every_string_list_and_object_of_a_request_is_bounded(api: dict[str, Any], name: str) -> None:
    assert [schema for schema in parts(api["components"]["schemas"][name]) if not bounded(schema)] == []


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, list):
        for one in schema:
            yield from parts(one)
    elif isinstance(schema, dict):
        if "type" in schema:
            yield schema
        for key, one in schema.items():
            if key not in {"examples", "default"}:
                yield from parts(one)


def bounded(schema: dict[str, Any]) -> bool:
    match schema["type"]:
        case "string":
            return bool({"maxLength", "enum", "const"} & set(schema))
        case "array":
            return "maxItems" in schema
        case "object" if "properties" in schema:
            return schema.get("additionalProperties") is False
        case "object":
            return "maxProperties" in schema
        case _:
            return True
