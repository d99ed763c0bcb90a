"""Judged cases as JUnit XML, which continuous integration reads."""

import re
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from ai_gateway.workbench.judge import Judged

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SECONDS = 1000


def junit(suites: Mapping[str, Sequence[Judged]]) -> str:
    """One suite per prompt version. A failed assertion is a failure, a case that could not be judged an error."""
    judged = [one for suite in suites.values() for one in suite]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{_counts(judged)}>"]
    for name, suite in suites.items():
        lines.append(f"  <testsuite name={_attribute(name)}{_counts(suite)}>")
        lines.extend(line for one in suite for line in _case(name, one))
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _counts(suite: Sequence[Judged]) -> str:
    errors = sum(bool(one.trouble) for one in suite)
    failures = sum(not one.passed and not one.trouble for one in suite)
    return f' tests="{len(suite)}" failures="{failures}" errors="{errors}"'


def _case(suite: str, one: Judged) -> list[str]:
    case, used = one.tried.case, one.tried.used
    seconds = (used.milliseconds if used is not None else 0) / _SECONDS
    where = f' file={_attribute(one.tried.prompt.file)} line="{case.line}"'
    head = f'    <testcase classname={_attribute(suite)} name={_attribute(case.title)}{where} time="{seconds:.3f}"'
    if one.passed:
        return [f"{head}/>"]
    if one.trouble:
        return [f"{head}>", f"      <error message={_attribute(one.trouble)}/>", "    </testcase>"]
    failed = [verdict for verdict in one.verdicts if not verdict.passed]
    said = "\n".join(f"line {verdict.assertion.line}: {verdict.said}" for verdict in failed)
    message = _attribute(f"{len(failed)} of {len(one.verdicts)} assertions failed")
    return [
        f"{head}>",
        f"      <failure message={message}>{escape(_NOT_XML.sub('?', said))}</failure>",
        "    </testcase>",
    ]


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("?", text))
