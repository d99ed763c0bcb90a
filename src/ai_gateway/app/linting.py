"""Everything ``prompts lint`` finds in a prompts folder, file by file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from ai_gateway.adapters.catalogue_files import LABELS, PEOPLE, SCHEMAS, bytes_of, version_files
from ai_gateway.adapters.policy_files import load_policies
from ai_gateway.adapters.recording_files import recordings_of
from ai_gateway.adapters.yaml_documents import read_yaml
from ai_gateway.documents import Position, Problem, did_you_mean
from ai_gateway.errors import ConfigurationError
from ai_gateway.features import mismatches
from ai_gateway.model import FeatureName
from ai_gateway.policies.policy import FeatureKind, FeaturePolicy, Policies
from ai_gateway.ports import Detector, TokenCounter
from ai_gateway.prompts.load import NAME, people_in, read_labels, read_prompt
from ai_gateway.prompts.people import People
from ai_gateway.prompts.prompt import Prompt
from ai_gateway.workbench.findings import Finding, finding, finding_of_line
from ai_gateway.workbench.habits import budget_risks, habits
from ai_gateway.workbench.written import sampled, written

T = TypeVar("T")


@dataclass(slots=True)
class Lint:
    """``detector`` and ``counter`` are None where nobody waits for them: then nothing is said of personal data or
    budgets. ``found`` is what was found so far."""

    prompts: Path
    policies: Path
    detector: Detector | None
    counter: TokenCounter | None
    found: list[Finding] = field(default_factory=list)

    def folders(self, features: Sequence[str]) -> list[Path]:
        """Those asked for, or all. What else stands in the folder is found to be wrong."""
        if not self.prompts.is_dir():
            raise ConfigurationError(f"{self.prompts}: the prompts folder is missing; name it with --prompts")
        own = {path.name: path for path in sorted(self.prompts.iterdir()) if not path.name.startswith(".")}
        own.pop(SCHEMAS, None)
        for name in features:
            if name not in own:
                near = did_you_mean(name, own)
                raise ConfigurationError(f"{name}: no such prompt{near}; ai-gateway prompts new {name} makes one")
        chosen = [own[name] for name in features] or list(own.values())
        for path in chosen:
            if not path.is_dir() or not NAME.fullmatch(path.name):
                what = "is not the folder of a prompt; only such folders stand here"
                self._add(finding(Problem(path.name, Position(1, 1), "", what, "value-invalid")))
        return [path for path in chosen if path.is_dir() and NAME.fullmatch(path.name)]

    async def folder(self, folder: Path, policies: Policies | None) -> None:
        """1. people, 2. versions, 3. labels and recordings, 4. what versions and policy say of each other."""
        people = self._people(folder)
        versions: dict[int, Prompt] = {}
        sound = True
        for path in self._collected(lambda: version_files(folder), "value-invalid") or ():
            problems: list[Problem] = []
            prompt = self._version(folder, path, people, problems)
            sound = sound and prompt is not None and not problems
            if prompt is not None:
                versions[prompt.version] = prompt
            if prompt is not None and not problems:
                await self._sound(prompt, policies)
        if sound:
            self._labels(folder, versions)
        self._collected(lambda: recordings_of(folder), "recordings-unreadable")

    def _people(self, folder: Path) -> People | None:
        path, problems = folder / PEOPLE, list[Problem]()
        if not path.exists():
            return None
        file = f"{folder.name}/{PEOPLE}"
        people = self._collected(lambda: people_in(bytes_of(path), file, read_yaml, problems), "file-unreadable")
        for problem in sorted(set(problems)):
            self._add(finding(problem))
        return None if problems else people

    def load_policies(self) -> Policies | None:
        return self._collected(lambda: load_policies(self.policies), "policy-invalid", root=self.policies)

    def _version(self, folder: Path, path: Path, people: People | None, problems: list[Problem]) -> Prompt | None:
        file = f"{folder.name}/{path.name}"
        prompt = self._collected(
            lambda: read_prompt(bytes_of(path), file, read_yaml, problems, people), "file-unreadable"
        )
        if (
            prompt is not None
            and not problems
            and (prompt.name, f"v{prompt.version}.prompt") != (folder.name, path.name)
        ):
            what = f"the file belongs at {prompt.name}/v{prompt.version}.prompt"
            problems.append(Problem(file, Position(2, 1), "/version", what))
        for problem in sorted(set(problems)):
            self._add(finding(problem))
        return prompt

    def _labels(self, folder: Path, versions: dict[int, Prompt]) -> None:
        problems: list[Problem] = []
        file = f"{folder.name}/{LABELS}"
        self._collected(
            lambda: read_labels(bytes_of(folder / LABELS), file, read_yaml, problems, versions), "file-unreadable"
        )
        for problem in sorted(set(problems)):
            self._add(finding(problem))

    async def _sound(self, prompt: Prompt, policies: Policies | None) -> None:
        problems = list(habits(prompt))
        if prompt.cases and not any(self.prompts.joinpath(prompt.name).glob("people.yaml")):
            what = "examples and tests speak of nobody in particular: there is no people.yaml"
            problems.append(
                Problem(prompt.file, Position(prompt.cases[0].line, 1), "/examples", what, "people-missing")
            )
        if self.detector is not None:
            problems += [one async for one in written(prompt, self.detector)]
            problems += [one async for one in sampled(prompt, self.detector)]
        policy = policies.features.get(FeatureName(prompt.name)) if policies is not None else None
        if policies is not None:
            lines = list(_against(prompt, policies, policy))
            for line in lines:
                self._add(finding_of_line(line, "policy-mismatch"))
            if policy is not None and not lines and self.counter is not None:
                problems += list(budget_risks(prompt, policies, policy, self.counter))
        for problem in sorted(set(problems)):
            self._add(finding(problem))

    def _collected(self, load: Callable[[], T], code: str, root: Path | None = None) -> T | None:
        try:
            return load()
        except ConfigurationError as error:
            for line in error.problems:
                self._add(finding_of_line(line, code), root)
            return None

    def _add(self, found: Finding, root: Path | None = None) -> None:
        self.found.append(replace(found, file=((root or self.prompts) / found.file).as_posix()))


def _against(prompt: Prompt, policies: Policies, policy: FeaturePolicy | None) -> Iterator[str]:
    if policy is None:
        near = did_you_mean(prompt.name, policies.features)
        yield f"{prompt.file}:2:1: #/name: no feature's policy has the name of this prompt{near}"
    elif policy.kind is FeatureKind.EXCHANGE:
        yield f"{prompt.file}:2:1: #/name: {policy.file} is an exchange, which has no prompt"
    else:
        yield from mismatches(policy, prompt)
