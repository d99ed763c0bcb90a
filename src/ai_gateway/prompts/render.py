"""Treated texts and parameters into the messages that a model will see."""

import re
from collections.abc import Mapping, Sequence

from ai_gateway.errors import InputUnknown, RequestInvalid
from ai_gateway.model import Message, ParameterValue
from ai_gateway.prompts.picoschema import FENCE
from ai_gateway.prompts.prompt import Prompt
from ai_gateway.prompts.template import Variable, fill, literals

_FENCES = re.compile(r"(?======([0-9]{1,9})=====)")

Rendered = tuple[tuple[Message, ...], tuple[str, ...]]
"""The messages, and what of them the prompt's author wrote (literals, parameter values, the fence)."""


def render(prompt: Prompt, texts: Mapping[str, Sequence[str]], parameters: Mapping[str, ParameterValue]) -> Rendered:
    """One message per section of the prompt, whatever the texts hold.

    ``texts`` maps an input to the treated texts of its items; an optional one may be absent. Raises ``InputUnknown``
    and ``RequestInvalid`` for what the prompt does not declare, or declares otherwise.
    """
    given = _parameters(prompt, parameters)
    fence = fence_for([text for several in texts.values() for text in several])
    variables: dict[str, Variable] = {**_inputs(prompt, texts), **given, FENCE: fence}
    messages = tuple(
        Message(role=section.role, content=fill(section.template, variables)) for section in prompt.sections
    )
    fixed = [text for section in prompt.sections for text in literals(section.template)]
    fixed += [str(value) for value in given.values() if not isinstance(value, bool)]
    return messages, (*dict.fromkeys(fixed), fence)


def fence_for(texts: Sequence[str]) -> str:
    """A short delimiter that stands in none of the texts, so that no text can close its own block early."""
    taken = {int(number) for text in texts for number in _FENCES.findall(text)}
    number = next(free for free in range(1, len(taken) + 2) if free not in taken)
    return f"====={number}====="


def _inputs(prompt: Prompt, texts: Mapping[str, Sequence[str]]) -> dict[str, Variable]:
    if texts.keys() - prompt.inputs.keys():
        raise InputUnknown(f"the prompt declares only these inputs: {', '.join(sorted(prompt.inputs))}")
    variables: dict[str, Variable] = {}
    for name, declared in prompt.inputs.items():
        several = tuple(texts.get(name, ()))
        if declared.required and not several:
            raise RequestInvalid(f'the prompt needs the input "{name}"', input=name)
        if declared.many:
            variables[name] = several
        elif len(several) > 1:
            raise RequestInvalid(f'the prompt takes one text as "{name}"', input=name, given=len(several))
        else:
            variables[name] = several[0] if several else None
    return variables


def _parameters(prompt: Prompt, parameters: Mapping[str, ParameterValue]) -> dict[str, ParameterValue]:
    """Checked, with defaults where nothing was given."""
    if parameters.keys() - prompt.parameters.keys():
        raise InputUnknown(f"the prompt declares only these parameters: {', '.join(sorted(prompt.parameters))}")
    given: dict[str, ParameterValue] = {}
    for name, parameter in prompt.parameters.items():
        value = parameters.get(name, parameter.default)
        wrong = "must be given" if value is None else parameter.wrong_with(value)
        if value is None or wrong:
            raise RequestInvalid(f'the parameter "{name}" {wrong}', parameter=name)
        given[name] = value
    return given
