"""Checks the dependencies: pinned with hashes, explained, licensed fit for Apache-2.0, not known to be bad.

Run by ``make check``. Advisories are looked up with pip-audit; when its service does not answer, that is said.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")
BANNED = {
    "names-dataset": "made from leaked personal data",
    "omna-pii-mask": "a proprietary binary",
    "litellm-proxy-extras": "the proxy server is not ours to run",
}
BAD_VERSIONS = {("litellm", "1.82.7"), ("litellm", "1.82.8")}
COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
LESSER = re.compile(r"LGPL|Lesser", re.IGNORECASE)
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)(\[[^]]*\])?==(?P<version>[^ ;\\]+)", re.IGNORECASE)


def main() -> int:
    problems = [*lock_problems(), *explanation_problems(), *licence_problems(), *advisories()]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"dependencies: {len(problems)} problem(s)")
    return 1 if problems else 0


def lock_problems() -> Iterator[str]:
    for lock in LOCKS:
        entries = (ROOT / lock).read_text().split("\n")
        if any("://" in line or line.startswith(("-i", "--index", "--find", "--extra")) for line in entries):
            yield f"{lock}: holds a registry address; make it again with `make lock`"
        for number, line in enumerate(entries):
            pin = PIN.match(line)
            if pin is None:
                continue
            name, version = pin["name"].lower(), pin["version"]
            if "--hash=sha256:" not in entries[number + 1]:
                yield f"{lock}: {name} has no hash"
            if name in BANNED:
                yield f"{lock}: {name} may not be used: {BANNED[name]}"
            if (name, version) in BAD_VERSIONS or version == "999.9.9":
                yield f"{lock}: {name} {version} is a known bad release"


def explanation_problems() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"]]
    for group in project["dependency-groups"].values():
        wanted += [entry for entry in group if isinstance(entry, str)]
    explained = (ROOT / "docs" / "dependencies.md").read_text().lower()
    for requirement in wanted:
        name = re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower()
        if f"| {name} " not in explained and f"| **{name}** " not in explained:
            yield f"docs/dependencies.md: gives no reason for {name}"


def licence_problems() -> Iterator[str]:
    """Runtime dependencies only: what development tools are licensed under does not reach users."""
    pinned = {match["name"].lower() for line in (ROOT / LOCKS[0]).open() if (match := PIN.match(line))}
    for name in sorted(pinned):
        try:
            about = metadata.metadata(name).json
        except metadata.PackageNotFoundError:
            continue  # another platform's or Python's
        words = " ".join([str(about.get("license_expression", "")), *about.get("classifier", ())])
        if not words.strip():
            words = str(about.get("license", ""))[:200]
        if COPYLEFT.search(words) and not LESSER.search(words):
            yield f"{name}: its licence does not fit Apache-2.0"


def advisories() -> Iterator[str]:
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    run = subprocess.run(
        [*command, "--format", "json", "-r", str(ROOT / LOCKS[0])], capture_output=True, text=True, check=False
    )
    try:
        found = json.loads(run.stdout)["dependencies"]
    except (ValueError, KeyError):
        print("advisories: the advisory service did not answer; nothing was looked up")
        return
    looked_up = [one for one in found if "skip_reason" not in one]
    print(f"advisories: {len(looked_up)} of {len(found)} packages looked up")
    for one in looked_up:
        for advisory in one["vulns"]:
            yield f"{one['name']} {one['version']}: {advisory['id']}, fixed in {advisory['fix_versions']}"


if __name__ == "__main__":
    sys.exit(main())
