"""``ai-gateway prompts label``: release a version, move a label, roll back."""

import getpass
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ai_gateway.cli.prompts_bench import FeatureName, Policies, Prompts, settings_of
from ai_gateway.cli.terminal import AsJson, Exit, print_json, say, show, table
from ai_gateway.config import Settings
from ai_gateway.errors import ConfigurationError, RequestInvalid

if TYPE_CHECKING:
    from ai_gateway.prompts.prompt import PromptVersions
    from ai_gateway.workbench.releasing import Move


def label(  # noqa: PLR0913 - a command has options
    feature: FeatureName,
    name: Annotated[str | None, typer.Argument(help="A label, such as production; left out: show the history.")] = None,
    version: Annotated[str | None, typer.Argument(help="v3.")] = None,
    *,
    rollback: Annotated[bool, typer.Option("--rollback", help="Back to what the label pointed at before.")] = False,
    by: Annotated[str | None, typer.Option(help="Who says so; your login name when left out.")] = None,
    why: Annotated[str, typer.Option(help="For the history.")] = "",
    prompts: Prompts = None,
    policies: Policies = None,
    as_json: AsJson = False,
) -> None:
    """Point a label at a version. What production points at is released with its digest, and never changes again.

    Every move goes into history.jsonl: when, who, from where to where, and the version's digest. A gateway takes it up
    when it reads its files again.
    """
    settings = settings_of(prompts, policies)
    folder = settings.prompts_folder / feature
    if name is None:
        _history(folder, as_json=as_json)
        return
    if (version is None) != rollback:
        raise RequestInvalid("Name a version (v3), or give --rollback.")
    move = _moved(settings, feature, name, version, _Mover(by or _login(), why))
    says = f"{feature}: {name} {f'v{move.before}' if move.before else 'nothing'} → v{move.after}"
    show(_told(move), as_json, lambda: say(f"{says}, sha256 {move.digest}"))


class _Mover:
    def __init__(self, by: str, why: str) -> None:
        self.by, self.why = by, why


def _moved(settings: Settings, feature: str, name: str, version: str | None, mover: _Mover) -> "Move":
    """1. every version is sound, 2. so is the folder with the label moved, 3. history, 4. the label."""
    from ai_gateway.adapters.catalogue_files import HISTORY, LABELS, load_versions
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.app.trial import policy_of
    from ai_gateway.features import PRODUCTION, mismatches
    from ai_gateway.prompts.load import LABEL
    from ai_gateway.workbench.calls import version_of
    from ai_gateway.workbench.releasing import Move, earlier, read_history, written

    if not LABEL.fullmatch(name):
        raise RequestInvalid("A label is lower case letters, digits and -.")
    folder = settings.prompts_folder / feature
    versions = load_versions(folder)
    _unchanged(versions)
    policy = policy_of(load_policies(settings.policies_folder), versions)
    now = versions.labels.get(name)
    history = read_history(_read(folder / HISTORY), f"{feature}/{HISTORY}")
    target = earlier(history, name, now) if version is None else version_of(versions, version)
    if target not in versions.versions:
        raise ConfigurationError(f"{feature}/v{target}.prompt: is missing; bring the file back")
    prompt = versions.versions[target]
    if problems := tuple(mismatches(policy, prompt)):
        raise ConfigurationError(*problems)
    labels, released = {**versions.labels, name: target}, dict(versions.released)
    if name == PRODUCTION:
        released.setdefault(target, prompt.digest)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    move = Move(
        at=at,
        by=mover.by,
        label=name,
        before=now,
        after=target,
        digest=prompt.digest,
        why=mover.why,
        rollback=version is None,
    )
    if now != target:
        _append(folder / HISTORY, move.line())
    _replace(folder / LABELS, written(_read(folder / LABELS), labels, released))
    return move


def _unchanged(versions: "PromptVersions") -> None:
    """Raises ``ConfigurationError`` where a released version is no longer the file it was."""
    following = max(versions.versions) + 1
    changed = [
        f"{versions.versions[version].file}:1:1: #: was changed after its release; undo that, and change v{following}"
        for version, digest in versions.released.items()
        if version in versions.versions and versions.versions[version].digest != digest
    ]
    if changed:
        raise ConfigurationError(*changed)


def _history(folder: Path, *, as_json: bool) -> None:
    from ai_gateway.adapters.catalogue_files import HISTORY, load_versions
    from ai_gateway.workbench.releasing import read_history

    versions = load_versions(folder)
    moves = read_history(_read(folder / HISTORY), f"{folder.name}/{HISTORY}")
    if as_json:
        print_json({"labels": {k: f"v{v}" for k, v in versions.labels.items()}, "history": [_told(m) for m in moves]})
        return
    table(f"Labels of {folder.name}", ("label", "version"), ((k, f"v{v}") for k, v in versions.labels.items()))
    rows = (
        (m.at, m.by, m.label, f"v{m.before}" if m.before else "", f"v{m.after}", "yes" if m.rollback else "", m.why)
        for m in moves
    )
    table("History", ("when", "who", "label", "from", "to", "roll-back", "why"), rows)
    raise typer.Exit(Exit.DONE)


def _told(move: "Move") -> dict[str, object]:
    return {
        "at": move.at,
        "by": move.by,
        "label": move.label,
        "from": f"v{move.before}" if move.before else None,
        "to": f"v{move.after}",
        "digest": move.digest,
        "rollback": move.rollback,
        "why": move.why,
    }


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _read(path: Path) -> str:
    """The text; none when it is not there."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path.parent.name}/{path.name}: cannot be read: {type(error).__name__}") from None


def _append(path: Path, line: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigurationError(f"{path.parent.name}/{path.name}: cannot be written: {error.strerror}") from None


def _replace(path: Path, text: str) -> None:
    """Whole or not at all: a gateway that reads it meanwhile sees the old or the new."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path.parent.name}/{path.name}: cannot be written: {error.strerror}") from None
