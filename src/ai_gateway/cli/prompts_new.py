"""``ai-gateway prompts new``: a feature's files, or the next version of a prompt."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from ai_gateway.cli.prompts_bench import FeatureName, Policies, Prompts, settings_of
from ai_gateway.cli.terminal import say
from ai_gateway.config import Settings, shipped
from ai_gateway.errors import ConfigurationError, RequestInvalid


def new(
    feature: FeatureName,
    *,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", help="name=source of the taxonomy, with ,many or ,optional after it; may be repeated."),
    ] = None,
    prompts: Prompts = None,
    policies: Policies = None,
) -> None:
    """Write a new feature's files: a prompt with examples and tests, its people, labels, and a policy if there is none.

    Of a prompt that is there already, the newest version is copied to the next number. Nothing is written over.
    """
    from ai_gateway.prompts.load import NAME

    settings = settings_of(prompts, policies)
    if not NAME.fullmatch(feature):
        raise RequestInvalid("A feature's name is lower case letters, digits and _, beginning with a letter.")
    folder = settings.prompts_folder / feature
    if any(folder.glob("v*.prompt")):
        if inputs:
            raise RequestInvalid("This prompt is there already; declare its inputs in the version that comes next.")
        _next_version(folder)
        return
    for path in _first_version(settings, feature, inputs or []):
        say(f"wrote {_near(path)}")
    say(f"\nnext: ai-gateway prompts lint {feature}; ai-gateway prompts test {feature} --live")


def _first_version(settings: Settings, feature: str, given: list[str]) -> list[Path]:
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.workbench import policy_scaffold, scaffold

    loaded = load_policies(settings.policies_folder)
    there = next((one for name, one in loaded.features.items() if name == feature), None)
    if there is not None:
        if given:
            raise RequestInvalid(f"{there.file} says what the inputs are; leave --input out.")
        chosen = scaffold.inputs_of(there)
    else:
        chosen = scaffold.inputs_given(given or ["profile=profile.overview"], loaded)
    files = {settings.prompts_folder / path: text for path, text in scaffold.files(feature, chosen, loaded).items()}
    if there is None:
        path = settings.policies_folder / "features" / f"{feature}.yaml"
        files[path] = policy_scaffold.policy_file(feature, chosen, loaded)
    _write(files)
    return [*files, *_schemas(settings.prompts_folder)]


def _next_version(folder: Path) -> None:
    from ai_gateway.adapters.catalogue_files import load_versions
    from ai_gateway.workbench.scaffold import next_version

    versions = load_versions(folder)
    newest = max(versions.versions)
    path = folder / f"v{newest + 1}.prompt"
    text = (folder / f"v{newest}.prompt").read_text(encoding="utf-8")
    _write({path: next_version(text, newest + 1)})
    say(f"wrote {_near(path)}, a copy of v{newest} to change")
    say(f"\nnext: ai-gateway prompts diff {folder.name} v{newest} v{newest + 1}")


def _write(files: Mapping[Path, str]) -> None:
    """All of them, or none where one is there already."""
    there = [_near(path) for path in files if path.exists()]
    if there:
        raise ConfigurationError(*(f"{path}: is there already; nothing was written" for path in there))
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise ConfigurationError(f"{_near(path)}: cannot be written: {error.strerror}") from None


def _schemas(prompts: Path) -> list[Path]:
    """What the files' modelines point editors to, where it is not there yet."""
    wrote: list[Path] = []
    for source in sorted((shipped("prompts") / "schemas").glob("*.json")):
        target = prompts / "schemas" / source.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            wrote.append(target)
    return wrote


def _near(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
