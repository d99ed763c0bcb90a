"""``serve --dev``: loopback alone, one key or none, one vendor on this machine."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ai_gateway.adapters.catalogue_files import load_catalogue
from ai_gateway.app.development import CALLER, VENDOR_URL, development_settings, entrance, vendor_environment
from ai_gateway.cli.main import app
from ai_gateway.errors import CallerUnknown, ConfigurationError
from ai_gateway.features import feature_for

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_it_listens_on_loopback(tmp_path: Path, host: str) -> None:
    settings = development_settings(tmp_path, host=host, port=4000)
    assert (settings.host, settings.port) == (host, 4000)
    assert settings.embedded


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "gateway.example", "::"])  # noqa: S104 - what is refused
def test_it_listens_nowhere_else(tmp_path: Path, host: str) -> None:
    with pytest.raises(ConfigurationError, match="loopback"):
        development_settings(tmp_path, host=host, port=4000)


def test_its_policies_load_and_take_any_models_name(tmp_path: Path) -> None:
    settings = development_settings(tmp_path, host="127.0.0.1", port=0)
    catalogue = load_catalogue(settings.prompts_folder, settings.policies_folder)
    assert feature_for(catalogue, CALLER, "made-up/model:1") == "assistant"


def test_its_vendor_is_on_this_machine() -> None:
    assert vendor_environment("http://localhost:8765/v1") == {VENDOR_URL: "http://localhost:8765/v1"}
    for url in ("https://api.vendor.example/v1", "ftp://127.0.0.1", "127.0.0.1:8765"):
        with pytest.raises(ConfigurationError, match="on this machine"):
            vendor_environment(url)


async def test_a_given_key_is_asked_for_and_no_other_is_taken() -> None:
    door = entrance("dev-key")
    assert door.guest is None
    assert await door.callers.authenticate("dev-key") == CALLER
    for wrong in ("", "dev-key2", "agk_x"):
        with pytest.raises(CallerUnknown):
            await door.callers.authenticate(wrong)


async def test_without_a_key_everybody_on_this_machine_is_let_in() -> None:
    door = entrance(None)
    assert door.guest == CALLER
    with pytest.raises(CallerUnknown):
        await door.callers.authenticate("")


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--dev"],
        ["serve", "--key", "k"],
        ["serve", "--vendor-url", "http://127.0.0.1:1/v1"],
        ["serve", "--dev", "--vendor-url", "http://127.0.0.1:1/v1", "--workers", "2"],
    ],
)
def test_options_that_make_no_sense_together_are_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
