"""A prompt's examples and tests, read strictly. Each must be a call that the prompt accepts: it is rendered."""

import re
from collections.abc import Mapping
from typing import cast

from ai_gateway.documents import did_you_mean, pointer
from ai_gateway.errors import InputUnknown, RequestInvalid
from ai_gateway.model import ParameterValue
from ai_gateway.prompts.assertions import read_assertions
from ai_gateway.prompts.cases import EXAMPLE, TEST, Case
from ai_gateway.prompts.fields import Fields
from ai_gateway.prompts.people import People, Person, Placed, read_actor, read_persons, read_placed
from ai_gateway.prompts.prompt import Prompt
from ai_gateway.prompts.render import render

MAX_CASES = 100
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_KEYS = ("name", "description", "vars", "actor", "people", "gpc")


def read_cases(prompt: Prompt, front: Fields, people: People, *, usable: bool) -> tuple[Case, ...]:
    """``usable``: the prompt itself has no problem, so that rendering says something. Reports to the fields' list."""
    cases: list[Case] = []
    for key, kind in (("examples", EXAMPLE), ("tests", TEST)):
        if not front.data.get(key):
            what = f"at least one of the {key} is missing: what a caller would send, under vars"
            front.report(key, what, code=f"{key}-missing")
        for number, given in enumerate(front.mappings(key, maximum=MAX_CASES), start=1):
            given.only(*_KEYS, *(("assert",) if kind == TEST else ()))
            case = _Reading(prompt, given, people).case(kind, number, usable=usable)
            if any(other.name == case.name for other in cases):
                given.report("name", f'another case is named "{case.name}"; choose another name', code="case-duplicate")
            cases.append(case)
    return tuple(cases)


class _Reading:
    def __init__(self, prompt: Prompt, given: Fields, people: People) -> None:
        self._prompt, self._given, self._people = prompt, given, people

    def case(self, kind: str, number: int, *, usable: bool) -> Case:
        given, people = self._given, self._people
        persons = read_persons(given, people.persons) if "people" in given.data else dict(people.persons)
        actor = read_actor(given, persons) if "actor" in given.data else people.actor
        before = len(given.problems)
        values = given.mapping("vars", required=True)
        texts, parameters = self._texts(values, persons), self._parameters(values)
        if usable and len(given.problems) == before:
            self._render(texts, parameters)
        return Case(
            kind=kind,
            name=self._name(f"{kind}-{number}"),
            description=given.text("description") if "description" in given.data else "",
            line=given.document.position(given.at).line,
            texts=texts,
            parameters=parameters,
            actor=actor,
            people=persons,
            gpc=given.boolean("gpc", otherwise=False),
            assertions=read_assertions(given) if kind == TEST else (),
        )

    def _name(self, otherwise: str) -> str:
        name = self._given.data.get("name", otherwise)
        if isinstance(name, str) and _NAME.fullmatch(name):
            return name
        self._given.report("name", "must be a short name in lower case: letters, digits, - and _")
        return otherwise

    def _texts(self, values: Fields, persons: Mapping[str, Person]) -> dict[str, tuple[Placed, ...]]:
        known = {*self._prompt.inputs, *self._prompt.parameters}
        for name in values.data:
            if name not in known:
                what = f"is not declared{did_you_mean(name, known)}"
                values.report(name, what, at_key=True, code="variable-undeclared")
        texts: dict[str, tuple[Placed, ...]] = {}
        for name, declared in self._prompt.inputs.items():
            if name not in values.data:
                continue
            placed = _placed(values, name, persons) if declared.many else _one_placed(values, name, persons)
            if placed is None:
                what = "must be a list of texts" if declared.many else "must be a text"
                values.report(name, f"{what}, or a mapping with text, source, about, author and visibility")
            else:
                outer = self._people.places.get(name, Placed(text=""))
                texts[name] = tuple(one.within(outer) for one in placed)
        return texts

    def _parameters(self, values: Fields) -> dict[str, ParameterValue]:
        return {
            name: cast("ParameterValue", values.data[name]) for name in self._prompt.parameters if name in values.data
        }

    def _render(self, texts: Mapping[str, tuple[Placed, ...]], parameters: Mapping[str, ParameterValue]) -> None:
        try:
            render(self._prompt, {name: [one.text for one in several] for name, several in texts.items()}, parameters)
        except (InputUnknown, RequestInvalid) as error:
            self._refused(error.detail, error.facts.get("parameter"))
        except ValueError as error:
            self._refused(str(error), None)

    def _refused(self, what: str, parameter: object) -> None:
        """At the parameter that is wrong, where one is."""
        values = self._given.mapping("vars")
        if isinstance(parameter, str) and parameter in values.data:
            values.report(parameter, what, code="call-refused")
        else:
            self._given.report("vars", what, at_key=True, code="call-refused")


def _one_placed(values: Fields, name: str, persons: Mapping[str, Person]) -> list[Placed] | None:
    one = read_placed(values, name, values.data[name], persons)
    return None if one is None else [one]


def _placed(values: Fields, name: str, persons: Mapping[str, Person]) -> list[Placed] | None:
    """None unless it is a list of items."""
    value = values.data[name]
    if not isinstance(value, list):
        return None
    items = {str(index): element for index, element in enumerate(value)}
    within = Fields(document=values.document, at=values.at + pointer(name), data=items, problems=values.problems)
    read = [read_placed(within, step, element, persons) for step, element in items.items()]
    return None if None in read else [one for one in read if one is not None]
