"""Bands of amounts and ranges of ages."""

import re

_AMOUNT = re.compile(r"[0-9][0-9 .,'\u00a0\u202f]{0,20}")
_SIZES = {"k": 1_000, "m": 1_000_000}
_STEPS = (1, 2, 5, 10)
_MOST = 10**12
_CENTS = 3  # a separator and two digits
_YEARS = 10


def band(value: str) -> str | None:
    """``$2,400`` as ``$2,000 to $5,000``: bounds 1, 2, 5 times a power of ten, the currency where it stood. None for
    what is no single amount."""
    found = _AMOUNT.search(value)
    if found is None or _AMOUNT.search(value, found.end()):
        return None
    before, after = value[: found.start()], value[found.end() :]
    written = found.group().rstrip(" .,'\u00a0\u202f")
    after = found.group()[len(written) :] + after
    size = _SIZES.get(after[:1].lower(), 1) if not after[1:2].isalpha() else 1
    amount = _number(written)
    if amount is None or not 1 <= amount * size < _MOST:
        return None
    low, high = _bounds(amount * size)
    after = after[1:] if size > 1 else after
    return f"{before}{low:,}{after} to {before}{high:,}{after}"


def age_range(value: str) -> str | None:
    """``34`` as ``30 to 39``."""
    if not value.isascii() or not value.isdecimal():
        return None
    start = int(value) // _YEARS * _YEARS
    return f"{start} to {start + _YEARS - 1}"


def _number(written: str) -> int | None:
    """Whole units. The last separator is a decimal's if two digits, or one, stand behind it."""
    tail = re.search(r"[.,]([0-9]{1,2})$", written)
    whole = written[: tail.start()] if tail and len(tail.group()) <= _CENTS else written
    digits = re.sub(r"[^0-9]", "", whole)
    return int(digits) if digits else None


def _bounds(amount: int) -> tuple[int, int]:
    power = 10 ** (len(str(amount)) - 1)
    step = max(step for step in _STEPS if step * power <= amount)
    return step * power, _STEPS[_STEPS.index(step) + 1] * power
