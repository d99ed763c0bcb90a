"""The one place that knows Jinja: a sandbox with almost nothing in it, and an account of what a template does.

A template may print declared names, loop over inputs that hold many texts, and choose with ``if``. It may not call,
set, import or subscript anything, and no text is changed on its way in. Values meet a template only after it was
compiled, as data.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

Variable = str | int | float | bool | tuple[str, ...] | None

_LOOP = frozenset({"index", "first", "last", "length"})
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.For,
    nodes.If,
    nodes.CondExpr,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.Operand,
    nodes.Getattr,
    nodes.Filter,
)
MAX_TEMPLATE = 50_000


class TemplateInvalid(Exception):
    """Jinja cannot compile the template; ``line`` counts from 1 within it."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    line: int
    what: str
    word: str = ""
    """The word to look for in that line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a template does. ``literals`` are the texts its author wrote; ``always`` whether one is printed whatever the
    values; ``names`` maps each name it reads to the first line where it does."""

    literals: tuple[str, ...]
    always: bool
    names: Mapping[str, int]
    findings: tuple[Finding, ...]


def fill(template: str, variables: Mapping[str, Variable]) -> str:
    """The text that a checked template makes of the variables. Raises ``ValueError`` for an undeclared name."""
    try:
        return _compiled(template).render(variables)
    except TemplateError:
        raise ValueError("the template reads a name that is not declared, or prints a list") from None


def account(template: str, many: frozenset[str]) -> Account:
    """``many`` names the inputs that hold many texts. Raises ``TemplateInvalid``."""
    try:
        tree = _environment().parse(template)
        _compiled(template)
    except TemplateSyntaxError as error:
        raise TemplateInvalid(error.lineno, error.message or "cannot be read") from None
    walk = _Walk(many)
    findings = tuple(walk.visit(tree, frozenset()))
    always = any(
        isinstance(part, nodes.TemplateData) and part.data.strip()
        for output in tree.body
        if isinstance(output, nodes.Output)
        for part in output.nodes
    )
    return Account(literals=literals(template), always=always, names=walk.names, findings=findings)


@lru_cache(maxsize=512)
def literals(template: str) -> tuple[str, ...]:
    """Every text in the template that its author wrote and that can be printed."""
    tree = _environment().parse(template)
    found = [node.data for node in tree.find_all(nodes.TemplateData)]
    found += [node.value for node in tree.find_all(nodes.Const) if isinstance(node.value, str)]
    return tuple(dict.fromkeys(text for text in found if text.strip()))


class _Walk:
    """Visits every node with the names that loops bind there."""

    def __init__(self, many: frozenset[str]) -> None:
        self.many = many
        self.names: dict[str, int] = {}

    def visit(self, node: nodes.Node, bound: frozenset[str]) -> Iterator[Finding]:
        if not isinstance(node, _ALLOWED):
            what = f"{type(node).__name__.lower()} is not among what a template may use: print, if and for"
            yield Finding(line=node.lineno, what=what)
            return
        match node:
            case nodes.Name():
                if node.name not in bound:
                    self.names.setdefault(node.name, node.lineno)
                return
            case nodes.For():
                yield from self._loop(node, bound)
                return
            case nodes.Output():
                yield from self._prints(node, bound)
            case nodes.Getattr() if not (_named(node.node, "loop") and "loop" in bound and node.attr in _LOOP):
                what = f"only {', '.join(f'loop.{name}' for name in sorted(_LOOP))} have parts, within a loop"
                yield Finding(line=node.lineno, what=what, word=node.attr)
                return
            case nodes.Filter() if node.name != "length":
                yield Finding(line=node.lineno, what="the only operation on a value is length", word=node.name)
            case _:
                pass
        for child in node.iter_child_nodes():
            yield from self.visit(child, bound)

    def _loop(self, node: nodes.For, bound: frozenset[str]) -> Iterator[Finding]:
        if not isinstance(node.iter, nodes.Name) or node.iter.name not in self.many or node.recursive or node.test:
            yield Finding(line=node.lineno, what="a loop goes over one declared list of texts, all of it")
            return
        self.names.setdefault(node.iter.name, node.lineno)
        if not isinstance(node.target, nodes.Name):
            yield Finding(line=node.lineno, what="a loop names one text at a time")
            return
        inside = bound | {node.target.name, "loop"}
        for child in node.body:
            yield from self.visit(child, inside)
        for child in node.else_:
            yield from self.visit(child, bound)

    def _prints(self, node: nodes.Output, bound: frozenset[str]) -> Iterator[Finding]:
        for part in node.nodes:
            if isinstance(part, nodes.Name) and part.name in self.many - bound:
                what = f"{part.name} holds many texts; loop over it"
                yield Finding(line=part.lineno, what=what, word=part.name)


def _named(node: nodes.Node, name: str) -> bool:
    return isinstance(node, nodes.Name) and node.name == name


def _written(value: object) -> str:
    """How a value is printed: texts as they are, numbers in digits, nothing for an input that is absent."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, StrictUndefined):
        return str(value)  # raises
    raise TemplateError("a list is printed one text at a time")


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=False,  # a prompt is text, not a page; escaping would change what people wrote
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
        cache_size=0,
    )
    environment.globals.clear()
    environment.tests.clear()
    for name in environment.filters.keys() - {"length"}:
        del environment.filters[name]
    return environment


@lru_cache(maxsize=512)
def _compiled(template: str) -> Template:
    return _environment().from_string(template)
