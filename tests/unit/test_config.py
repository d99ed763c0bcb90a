from pathlib import Path

import pytest

from ai_gateway.config import Caution, Detection, LogLevel, Settings, read, reference, shipped
from ai_gateway.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
SHARED = {
    "AI_GATEWAY_DATABASE_URL": "postgresql://gateway:hunter2@db.example/gateway",
    "AI_GATEWAY_REDIS_URL": "rediss://:hunter2@cache.example",
}


def problems_of(environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read(environment)
    return caught.value.problems


def test_an_empty_environment_gives_the_embedded_default_on_loopback() -> None:
    settings = read({})
    assert settings.embedded
    assert settings.host == "127.0.0.1"
    assert settings.database.startswith("sqlite:///")
    assert settings.detection is Detection.FULL


def test_data_and_keys_lie_beside_each_other_in_the_home(tmp_path: Path) -> None:
    settings = read({"AI_GATEWAY_HOME": str(tmp_path)})
    assert settings.data_folder == tmp_path / "data"
    assert settings.keys_folder == tmp_path / "keys"


def test_every_setting_is_read_from_its_own_variable() -> None:
    given = {**SHARED, "AI_GATEWAY_PORT": "9000", "AI_GATEWAY_LOG_LEVEL": "debug", "AI_GATEWAY_DETECTION": "patterns"}
    settings = read({**given, "AI_GATEWAY_WORKERS": "4", "AI_GATEWAY_POLICIES": "/etc/policies"})
    assert (settings.port, settings.workers) == (9000, 4)
    assert settings.log_level is LogLevel.DEBUG
    assert settings.detection is Detection.PATTERNS
    assert settings.policies_folder == Path("/etc/policies")
    assert not settings.embedded


def test_every_mistake_is_told_at_once() -> None:
    told = problems_of({"AI_GATEWAY_PORT": "x", "AI_GATEWAY_WORKERS": "0", "AI_GATEWAY_DETECTION": "off"})
    assert [line.partition(":")[0] for line in told] == [
        "AI_GATEWAY_PORT",
        "AI_GATEWAY_WORKERS",
        "AI_GATEWAY_DETECTION",
    ]


def test_a_mistyped_name_is_an_error_with_a_suggestion() -> None:
    assert problems_of({"AI_GATEWAY_PORTS": "8080"}) == (
        "AI_GATEWAY_PORTS: no such setting (did you mean AI_GATEWAY_PORT?)",
    )


def test_variables_of_the_shipped_vendors_are_not_mistyped_settings() -> None:
    others = {"AI_GATEWAY_STANDIN_URL": "http://127.0.0.1:9", "AI_GATEWAY_SELF_HOSTED_KEY": "k"}
    assert read(others) == read({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AI_GATEWAY_DATABASE_URL", "mysql://hunter2@db.example"),
        ("AI_GATEWAY_REDIS_URL", "hunter2"),
        ("AI_GATEWAY_PORT", "hunter2"),
        ("AI_GATEWAY_LOG_LEVEL", "hunter2"),
    ],
)
def test_no_value_is_quoted_in_an_error(name: str, value: str) -> None:
    assert "hunter2" not in "\n".join(problems_of({name: value}))


def test_secrets_are_in_no_repr() -> None:
    assert "hunter2" not in repr(read(SHARED))


@pytest.mark.parametrize("name", ["AI_GATEWAY_WORKERS", "AI_GATEWAY_REPLICAS"])
@pytest.mark.parametrize("missing", sorted(SHARED))
def test_more_than_one_process_needs_a_shared_database_and_shared_coordination(name: str, missing: str) -> None:
    given = {key: value for key, value in SHARED.items() if key != missing} | {name: "2"}
    (told,) = problems_of(given)
    assert "PostgreSQL" in told
    assert "Redis" in told


def test_caution_without_the_model_is_a_contradiction() -> None:
    assert read({"AI_GATEWAY_DETECTION_CAUTION": "high"}).detection_caution is Caution.HIGH
    (told,) = problems_of({"AI_GATEWAY_DETECTION": "patterns", "AI_GATEWAY_DETECTION_CAUTION": "high"})
    assert told.startswith("AI_GATEWAY_DETECTION_CAUTION:")


@pytest.mark.parametrize("folder", ["data", "data/keys", "."])
def test_keys_may_not_lie_with_the_data_they_open(folder: str, tmp_path: Path) -> None:
    told = problems_of({"AI_GATEWAY_HOME": str(tmp_path), "AI_GATEWAY_KEYS": str(tmp_path / folder)})
    assert told[0].startswith("AI_GATEWAY_KEYS:")


@pytest.mark.parametrize("folder", ["data", "keys", "keys/signing", "."])
def test_the_signing_key_lies_neither_with_the_data_nor_with_its_keys(folder: str, tmp_path: Path) -> None:
    told = problems_of({"AI_GATEWAY_HOME": str(tmp_path), "AI_GATEWAY_SIGNING": str(tmp_path / folder)})
    assert told[0].startswith("AI_GATEWAY_SIGNING:")


def test_there_is_no_setting_that_fails_open() -> None:
    names = set(Settings.__slots__)
    assert not {name for name in names if "open" in name or "disable" in name or "skip" in name}


def test_shipped_policies_and_prompts_are_found() -> None:
    assert (shipped("policies") / "taxonomy.yaml").is_file()
    assert shipped("prompts").is_dir()


def test_the_reference_page_is_true() -> None:
    assert reference() in (ROOT / "docs" / "reference" / "settings.md").read_text()
