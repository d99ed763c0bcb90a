"""Every error there is, as a client sees it. Codes and statuses are promises: a change here breaks somebody."""

import json
from pathlib import Path

import pytest

from ai_gateway.api.fields import no_field, place_in
from ai_gateway.api.problems import MEDIA_TYPE, InvalidRequest, problem
from ai_gateway.api.reference import errors_of, errors_table
from ai_gateway.api.schemas import FeatureRun
from ai_gateway.errors import GatewayError, RequestInvalid, VendorRateLimited

ROOT = Path(__file__).parents[3]
PROMISED = json.loads((ROOT / "tests" / "golden" / "errors.json").read_text())
ERRORS = {error.code: error for error in errors_of()}


def test_codes_and_statuses_are_those_promised() -> None:
    assert {code: error.status for code, error in ERRORS.items()} == PROMISED


def test_every_class_has_a_code_and_a_title_of_its_own() -> None:
    classes = list(errors_of())
    assert len({error.code for error in classes}) == len(classes)
    assert len({error.title for error in classes}) == len(classes)


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_an_error_is_a_problem_details_object(code: str) -> None:
    answer = problem(ERRORS[code]("What to do"), "req_1")
    body = json.loads(bytes(answer.body))
    assert answer.status_code == body["status"] == PROMISED[code]
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert body["type"] == f"urn:ai-gateway:error:{code}"
    assert body["code"] == code
    assert body["detail"]
    assert body["request_id"] == "req_1"


def test_facts_are_members_but_never_replace_the_standard_ones() -> None:
    body = json.loads(bytes(problem(RequestInvalid("no", status="mine", limit=5), "req_1").body))
    assert body["limit"] == 5
    assert body["status"] == 422


def test_retry_after_is_also_a_header() -> None:
    assert problem(VendorRateLimited("later", retry_after=7.2), "req_1").headers["retry-after"] == "7"


def test_the_base_error_tells_nothing_of_what_happened() -> None:
    assert json.loads(bytes(problem(GatewayError(), "req_1").body))["detail"] == "The gateway failed"


def test_the_reference_page_is_true() -> None:
    assert errors_table() in (ROOT / "docs" / "reference" / "errors.md").read_text()


def test_a_place_names_the_schema_and_hides_what_a_request_made_up() -> None:
    invalid = InvalidRequest({"inputs", "messages", "text"})
    assert invalid.path(("inputs", "messages", 2, "text")) == "inputs.messages[2].text"
    assert invalid.path(("inputs", "Dana Okafor", "text")) == "inputs.*.text"
    assert invalid.path(()) == ""


def test_a_step_is_a_branch_only_where_there_is_a_union() -> None:
    for given, own, of_key in (
        (("inputs", "messages", "many", 2, "text"), ("inputs", "messages", 2, "text"), False),
        (("inputs", "one", "one", "text"), ("inputs", "one", "text"), False),
        (("inputs", "bool", "many"), ("inputs", "bool"), False),
        (("parameters", "int", "int"), ("parameters", "int"), False),
        (("parameters", "int", "[key]"), ("parameters", "int"), True),
        (("subjects", "[key]", "[key]"), ("subjects", "[key]"), True),
        (("subjects", "[key]"), ("subjects", "[key]"), False),
        (("subjects", "float", "region"), ("subjects", "float", "region"), False),
        (("conversation",), ("conversation",), False),
        (("nothing", "one", "bool"), ("nothing", "one", "bool"), False),
    ):
        place = place_in(FeatureRun, given)
        assert (place.steps, place.of_key) == (own, of_key)


def test_fields_are_looked_up_through_every_kind_of_shape() -> None:
    item = ("text", "source", "about", "visibility", "author")
    for steps in (("profile", "one"), ("messages", "many", 3), ("bool", "one"), ("one", "many", 0)):
        assert place_in(FeatureRun, ("inputs", *steps)).fields == item
    assert place_in(FeatureRun, ("subjects", "pro_17", "known")).fields[:2] == ("names", "emails")
    for nowhere in (("inputs",), ("actor",), ("nothing", "here"), ("parameters", "tone", "bool"), ("stream", 0)):
        assert place_in(FeatureRun, nowhere).fields == ()


def test_a_list_of_fields_ends_somewhere() -> None:
    told = no_field("Dana Okafor", [f"field_{n}" for n in range(40)])
    assert told.endswith("field_23 and 16 more")
    assert "Dana" not in told
    assert no_field("Dana Okafor", ()) == "is not a field of this object"
