import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from ai_gateway.adapters.logging import cap_others, configure

SECRET = "call Ottoline Brackenridge"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    configure("debug", stream)
    yield stream
    root.handlers[:], root.level = before[0], before[1]
    structlog.reset_defaults()


def fail() -> None:
    raise ValueError(SECRET)


def read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_level_logger_and_time(lines: io.StringIO) -> None:
    structlog.get_logger("ai_gateway.api").info("request", status=200)
    (line,) = read(lines)
    assert line["message"] == "request"
    assert line["status"] == 200
    assert line["level"] == "info"
    assert line["logger"] == "ai_gateway.api"
    assert line["timestamp"].endswith("Z")


def test_the_core_logs_through_the_standard_library_in_the_same_form(lines: io.StringIO) -> None:
    logging.getLogger("ai_gateway.sharelog.log").error("share %s stays in doubt", "shr_1")
    assert read(lines)[0]["message"] == "share shr_1 stays in doubt"


@pytest.mark.parametrize("name", ["litellm", "LiteLLM", "httpx", "aiohttp.client", "presidio-anonymizer", "sqlalchemy"])
def test_other_libraries_say_nothing_below_a_warning(lines: io.StringIO, name: str) -> None:
    logging.getLogger(name).setLevel(logging.DEBUG)  # as a library does when it is imported
    cap_others()
    logging.getLogger(name).debug(SECRET)
    logging.getLogger(name).info(SECRET)
    assert read(lines) == []


def test_another_librarys_warning_is_told_by_place_alone(lines: io.StringIO) -> None:
    logging.getLogger("asyncio").warning("task failed: %s", SECRET)
    (line,) = read(lines)
    assert line["message"] == "another library's warning"
    assert line["logger"] == "asyncio"
    assert line["at"].startswith("test_logging.py:")


def test_an_error_is_told_by_kind_and_place_without_its_text(lines: io.StringIO) -> None:
    try:
        fail()
    except ValueError:
        structlog.get_logger("ai_gateway.api").exception("failed")
        logging.getLogger("ai_gateway").exception("failed")
    for line in read(lines):
        assert line["kind"] == "ValueError"
        assert "test_logging.py" in line["at"][0]


def test_the_servers_own_report_of_an_exception_is_withheld(lines: io.StringIO) -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application: %s", SECRET)
    (line,) = read(lines)
    assert line["kind"] == "ValueError"


def test_personal_objects_are_not_written_out(lines: io.StringIO) -> None:
    class Person:
        def __str__(self) -> str:
            return SECRET

    structlog.get_logger("ai_gateway.api").info("odd", person=Person())
    assert read(lines)[0]["person"] == "Person"
