"""Typed access to values that are known to have their shape."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ai_gateway.documents import Value
from ai_gateway.documents import pointer as point
from ai_gateway.policies.policy import RuleRef


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping within a file. Raises ``TypeError`` where its shape was not checked first."""

    file: str
    pointer: str
    values: Mapping[str, Value] = field(repr=False)

    @classmethod
    def of(cls, file: str, pointer: str, value: Value) -> "Part":
        if not isinstance(value, dict):
            raise TypeError(pointer)
        return cls(file, pointer, value)

    @property
    def ref(self) -> RuleRef:
        """This part as a rule: it carries its own ``source``."""
        return RuleRef(rule=f"{self.file}#{self.pointer}", source=self.text("source"))

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str) -> str:
        value = self.values[key]
        if not isinstance(value, str):
            raise TypeError(self.pointer + point(key))
        return value

    def text_or_none(self, key: str) -> str | None:
        return self.text(key) if key in self.values else None

    def flag(self, key: str) -> bool:
        return self.values[key] is True

    def whole(self, key: str) -> int:
        value = self.values[key]
        if not isinstance(value, int):
            raise TypeError(self.pointer + point(key))
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values[key]
        if not isinstance(value, list):
            raise TypeError(self.pointer + point(key))
        return tuple(str(entry) for entry in value)

    def part(self, key: str) -> "Part":
        return Part.of(self.file, self.pointer + point(key), self.values[key])

    def named(self) -> Iterator[tuple[str, "Part"]]:
        """Each key with the mapping under it."""
        for key in self.values:
            yield key, self.part(key)

    def listed(self, key: str) -> Iterator["Part"]:
        """Each mapping of the list under the key; none when the key is absent."""
        entries = self.values.get(key, [])
        if not isinstance(entries, list):
            raise TypeError(self.pointer + point(key))
        for index, entry in enumerate(entries):
            yield Part.of(self.file, self.pointer + point(key, index), entry)
