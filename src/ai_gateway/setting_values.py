"""How the text of a setting becomes its value. Each raises ``ValueError``, which says what it must be."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple


def text(value: str) -> str:
    return value


def path(value: str) -> Path:
    return Path(value).expanduser().absolute()


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        number = int(value) if value.isascii() and value.lstrip("-").isdigit() else None
        if number is None or not least <= number <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return number

    return parse


def url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value.partition("://")[0].partition("+")[0] not in schemes or "://" not in value:
            raise ValueError("must begin with " + " or ".join(f"{scheme}://" for scheme in schemes))
        return value

    return parse


def one_of(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    def parse(value: str) -> StrEnum:
        try:
            return kind(value)
        except ValueError:
            raise ValueError("must be one of " + ", ".join(kind)) from None

    return parse


class Witnessing(NamedTuple):
    key: str
    address: str


def witnesses(value: str) -> tuple[Witnessing, ...]:
    found: list[Witnessing] = []
    for one in value.split(","):
        key, _, address = one.strip().partition(" ")
        if not address.strip().startswith(("https://", "http://")) or key.count("+") < 2:  # noqa: PLR2004
            raise ValueError("write each as: <name>+<8 hex digits>+<base64> https://address")
        found.append(Witnessing(key, address.strip()))
    return tuple(found)
