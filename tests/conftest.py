"""For every test: no network beyond loopback, and no trace of a planted person in any place that outlives a request."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

TESTS = Path(__file__).parent
sys.path.insert(0, str(TESTS / "no_network"))

from loopback_only import install  # noqa: E402

import canaries  # noqa: E402
from ai_gateway import errors  # noqa: E402
from databases import database_url, postgres_server, postgres_url, sqlite_url  # noqa: E402, F401
from forked_commands import commands  # noqa: E402, F401
from valkeys import valkey_server, valkey_url  # noqa: E402, F401
from vendor_server import VendorServer, vendor_server  # noqa: E402, F401 - the fixture is for every test

install()
settings.register_profile("untimed", deadline=None)  # a busy machine is no mistake of ours
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


class _Ear(logging.Handler):
    """Hears every record of every logger, formatted as a log file would have it, traceback included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(autouse=True)
def no_trace_of_planted_people(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[None]:
    """Planted identifiers may be in no log line (debug level), error, metric, database byte or vendor request.

    A test that shows people their data on a terminal says so: ``@pytest.mark.usefixtures("shows_people_their_data")``.
    """
    # Asked for before the test, so that it is still there after it.
    folder: Path | None = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    vendor: VendorServer | None = (
        request.getfixturevalue("vendor_server") if "vendor_server" in request.fixturenames else None
    )
    ear = _Ear()
    root = logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    raised: list[str] = []
    make = errors.GatewayError.__init__

    def remember(self: errors.GatewayError, *args: object, **facts: object) -> None:
        make(self, *args, **facts)  # type: ignore[arg-type]
        raised.append(f"{self!r} {self!s} {self.detail} {dict(self.facts)!r}")

    monkeypatch.setattr(errors.GatewayError, "__init__", remember)
    yield
    root.removeHandler(ear)
    root.setLevel(level)
    places: dict[str, list[str]] = {
        "a log line": canaries.traces(ear.lines),
        "an error": canaries.traces(raised),
        "a metric": canaries.traces(_metrics()),
    }
    if "shows_people_their_data" not in request.fixturenames:
        out, err = capfd.readouterr()
        places["the terminal"] = canaries.traces([out, err])
    if folder is not None:
        places["a stored byte"] = canaries.traces(_stored(folder))
    if vendor is not None:
        places["a vendor request"] = canaries.traces(vendor.everything())
    found = {place: traces for place, traces in places.items() if traces}
    assert not found, f"planted personal data reached {found}"


@pytest.fixture
def shows_people_their_data() -> None:
    """The test prints what a person is meant to see."""


def _metrics() -> list[bytes]:
    if "prometheus_client" not in sys.modules:
        return []
    from prometheus_client import REGISTRY, generate_latest

    return [generate_latest(REGISTRY)]


def _stored(folder: Path) -> Iterator[bytes]:
    for path in folder.rglob("*"):
        if path.is_file() and (".db" in path.name or path.suffix in {".log", ".sqlite", ".jsonl"}):
            yield path.read_bytes()
