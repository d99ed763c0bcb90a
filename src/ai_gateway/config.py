"""Settings: read once from the environment, at the edge, typed and frozen. Every mistake is told at once."""
# ruff: noqa: RUF009 - ``_setting`` makes a dataclass field

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ai_gateway.errors import ConfigurationError
from ai_gateway.setting_values import Witnessing, one_of, path, text, url, whole, witnesses

PREFIX = "AI_GATEWAY_"
_ELSEWHERE = frozenset(
    PREFIX + name for name in ("API_KEY", "DEV_VENDOR_URL", "URL", "SELF_HOSTED_KEY", "SELF_HOSTED_URL", "STANDIN_URL")
)
"""Not settings: how the command line finds a running gateway, and what the shipped ``vendors.yaml`` names."""


class Detection(StrEnum):
    """What looks for personal data. A promise, not a fallback: whatever is named here must work, or nothing is sent."""

    FULL = "full"
    RAMPART = "rampart"
    PATTERNS = "patterns"


class Caution(StrEnum):
    """How little doubt is enough for the model to call something personal. docs/detection.md has what each gives."""

    MEASURED = "measured"
    HIGH = "high"
    HIGHEST = "highest"


class Serves(StrEnum):
    ALL = "all"
    AUDIT = "audit"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _setting(parse: Callable[[str], object], default: object, about: str, *, secret: bool = False) -> Any:  # noqa: ANN401  (a dataclass field)
    return field(default=default, repr=not secret, metadata={"parse": parse, "about": about, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field per variable ``AI_GATEWAY_<FIELD>``. ``None`` means not set; the properties say what then holds."""

    home: Path = _setting(
        path, Path(".ai-gateway"), "Folder of the embedded default: `data/` and `keys/` beside each other."
    )
    database_url: str | None = _setting(
        url("postgresql", "postgres", "sqlite"),
        None,
        "PostgreSQL or SQLite. Not set: SQLite under the home.",
        secret=True,
    )
    redis_url: str | None = _setting(
        url("redis", "rediss", "unix"),
        None,
        "Redis or Valkey. Not set: one process coordinates with itself.",
        secret=True,
    )
    keys: Path | None = _setting(path, None, "Folder of the key files. Not set: `keys/` under the home.")
    key_service: str | None = _setting(
        url("vault", "awskms"),
        None,
        "Seals the key files: `vault+https://host:8200/<mount>/<name>` (with `VAULT_TOKEN`) or "
        "`awskms://<region>/<key>` (with `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`). Not set: their mode alone "
        "protects them.",
    )
    signing: Path | None = _setting(
        path, None, "Folder of the key that signs checkpoints. Not set: `signing/` under the home."
    )
    policies: Path | None = _setting(path, None, "Folder of the policies. Not set: those shipped.")
    prompts: Path | None = _setting(path, None, "Folder of the prompts. Not set: those shipped.")
    shadow_policies: Path | None = _setting(
        path, None, "Folder of candidate policies, asked beside those in force and never obeyed. Not set: none."
    )
    reload_ms: int = _setting(
        whole(0, 3_600_000),
        1_000,
        "How often changed policies and prompts are looked for; 0: they hold until a restart.",
    )
    reload_settle_ms: int = _setting(
        whole(0, 600_000), 1_000, "Changed files are read once nothing more has changed for this long."
    )
    host: str = _setting(text, "127.0.0.1", "Address to listen on. Loopback unless said otherwise.")
    port: int = _setting(whole(0, 65535), 8080, "Port to listen on; 0 takes a free one.")
    workers: int = _setting(whole(1, 128), 1, "Processes. More than one needs PostgreSQL and Redis or Valkey.")
    replicas: int = _setting(whole(1, 10_000), 1, "How many gateways share the work. More than one needs the same.")
    serves: Serves = _setting(
        one_of(Serves),
        Serves.ALL,
        "`all`, or `audit`: no feature is run and no vendor asked; shares, disclosures, the registry and the console "
        "are served, and readiness needs no vendor.",
    )
    log_level: LogLevel = _setting(one_of(LogLevel), LogLevel.INFO, "`debug`, `info`, `warning` or `error`.")
    detection: Detection = _setting(
        one_of(Detection),
        Detection.FULL,
        "`full`; `rampart` with the model that ours was made from; or `patterns` to leave out the named-entity model. "
        "Part of every share's record; no fallback.",
    )
    detection_caution: Caution = _setting(
        one_of(Caution),
        Caution.MEASURED,
        "`measured`; `high` or `highest`: less of a doubt is enough for the model, so that less leaks and more is "
        "removed in vain (docs/detection.md). Part of every share's record.",
    )
    detector_deadline_ms: int = _setting(
        whole(10, 120_000), 10_000, "Detecting takes no longer, or the call is refused."
    )
    detector_threads: int = _setting(whole(1, 64), 1, "Threads of the named-entity model in each process.")
    coordination_deadline_ms: int = _setting(whole(10, 60_000), 1_000, "One exchange with Redis takes no longer.")
    body_deadline_ms: int = _setting(whole(100, 600_000), 15_000, "A request's body arrives within this time.")
    shutdown_seconds: int = _setting(whole(1, 3_600), 30, "Running requests may finish within this time on shutdown.")
    max_body_bytes: int = _setting(whole(1_024, 64 << 20), 1 << 20, "Largest request body.")
    max_json_depth: int = _setting(whole(4, 100), 12, "Deepest nesting in a request.")
    max_json_values: int = _setting(whole(16, 1_000_000), 10_000, "Most values in a request.")
    max_exchange_body_bytes: int = _setting(
        whole(1_024, 256 << 20),
        8 << 20,
        "Largest body in a vendor's protocol (chat completions and the like).",
    )
    max_exchange_json_depth: int = _setting(whole(4, 100), 60, "Deepest nesting in such a request.")
    max_exchange_json_values: int = _setting(whole(16, 10_000_000), 200_000, "Most values in such a request.")
    max_running: int = _setting(
        whole(1, 100_000), 512, "Most requests at once in each process; more are told to come back."
    )
    log_name: str = _setting(
        text, "localhost", "Whose share log it is, as checkpoints say: `<name>/ai-gateway/sharelog/<year>`."
    )
    checkpoint_seconds: int = _setting(
        whole(1, 86_400), 5, "While the share log grows, a checkpoint is signed this often."
    )
    checkpoint_folder: Path | None = _setting(
        path, None, "Folder that checkpoints are copied to; best where others keep it."
    )
    checkpoint_webhook: str | None = _setting(
        url("http", "https"), None, "Address that checkpoints are posted to.", secret=True
    )
    checkpoint_witnesses: tuple[Witnessing, ...] = _setting(
        witnesses,
        (),
        "Witnesses that cosign checkpoints (C2SP tlog-witness): `<key> <address>`, several separated by commas.",
    )
    time_stamp_url: str | None = _setting(
        url("http", "https"),
        None,
        "RFC 3161 time stamping authority: one checkpoint a day is stamped, into the checkpoint folder.",
    )
    time_stamp_roots: Path | None = _setting(
        path, None, "Certificates (PEM) that the authority's own is checked against."
    )
    console_minutes: int = _setting(
        whole(5, 720), 240, "How long a sign-in to the console lasts; using it makes it no longer."
    )
    idempotency_hours: int = _setting(whole(1, 720), 24, "How long an answer is kept for its idempotency key.")

    @property
    def data_folder(self) -> Path:
        return self.home / "data"

    @property
    def keys_folder(self) -> Path:
        return self.keys or self.home / "keys"

    @property
    def signing_folder(self) -> Path:
        return self.signing or self.home / "signing"

    @property
    def database(self) -> str:
        """The URL in force."""
        return self.database_url or f"sqlite:///{quote(str((self.data_folder / 'gateway.db').absolute()))}"

    @property
    def embedded(self) -> bool:
        """SQLite, or coordination within one process: good for one process, and only one."""
        return self.database.startswith("sqlite") or self.redis_url is None

    @property
    def policies_folder(self) -> Path:
        return self.policies or shipped("policies")

    @property
    def prompts_folder(self) -> Path:
        return self.prompts or shipped("prompts")


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises ``ConfigurationError`` with every mistake; no value is quoted."""
    given = {name: told for name, told in (os.environ if environment is None else environment).items() if told}
    values: dict[str, object] = {}
    problems: list[str] = []
    known = {PREFIX + setting.name.upper(): setting for setting in fields(Settings)}
    for name, setting in known.items():
        if name in given:
            try:
                values[setting.name] = setting.metadata["parse"](given[name].strip())
            except ValueError as error:
                problems.append(f"{name}: {error}")
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in known and name not in _ELSEWHERE:
            near = get_close_matches(name, known, n=1)
            problems.append(f"{name}: no such setting" + (f" (did you mean {near[0]}?)" if near else ""))
    if problems:
        raise ConfigurationError(*problems)
    settings = Settings(**values)  # type: ignore[arg-type]
    if problems := contradictions(settings):
        raise ConfigurationError(*problems)
    return settings


def contradictions(settings: Settings) -> list[str]:
    """Settings that may not be in force together, one line each."""
    problems: list[str] = []
    if settings.embedded and (settings.workers > 1 or settings.replicas > 1):
        problems.append(
            "AI_GATEWAY_WORKERS, AI_GATEWAY_REPLICAS: more than one process needs PostgreSQL (AI_GATEWAY_DATABASE_URL) "
            "and Redis or Valkey (AI_GATEWAY_REDIS_URL), so that withdrawn consents and idempotency keys hold for all"
        )
    if settings.detection is Detection.PATTERNS and settings.detection_caution is not Caution.MEASURED:
        problems.append(
            "AI_GATEWAY_DETECTION_CAUTION: it moves the model's thresholds, and AI_GATEWAY_DETECTION=patterns leaves "
            "the model out; unset one of them"
        )
    data, keys = settings.data_folder.absolute(), settings.keys_folder.absolute()
    if data == keys or data in keys.parents or keys in data.parents:
        problems.append(
            "AI_GATEWAY_KEYS: keep keys apart from the data they open: a copy of the data folder must not hold its keys"
        )
    signing = settings.signing_folder.absolute()
    if any(signing == other or other in signing.parents or signing in other.parents for other in (data, keys)):
        problems.append(
            "AI_GATEWAY_SIGNING: keep the signing key apart from the data and from the keys that open it: who holds "
            "one of them must not be able to rewrite the log"
        )
    if settings.time_stamp_url is not None and (
        settings.checkpoint_folder is None or settings.time_stamp_roots is None
    ):
        problems.append(
            "AI_GATEWAY_TIME_STAMP_URL: set AI_GATEWAY_CHECKPOINT_FOLDER, which stamps are written to, and "
            "AI_GATEWAY_TIME_STAMP_ROOTS, the certificates that they are checked against"
        )
    return problems


def shipped(name: str) -> Path:
    """The files that come with the package: inside it when installed, beside ``src/`` in a checkout."""
    package = Path(__file__).parent
    installed = package / "shipped" / name
    return installed if installed.is_dir() else package.parent.parent / name


def reference() -> str:
    """The table of ``docs/reference/settings.md``."""
    rows = ["| Variable | Default | What it says |", "|---|---|---|"]
    for setting in fields(Settings):
        default = "not set" if setting.default in (None, ()) else f"`{setting.default}`"
        note = " Secret: in no log and no error." if setting.metadata["secret"] else ""
        rows.append(f"| `{PREFIX}{setting.name.upper()}` | {default} | {setting.metadata['about']}{note} |")
    return "\n".join(rows)
