"""Addresses of machines, and of places on the globe."""

import ipaddress

from ai_gateway.adapters.patterns.rule import Candidate, Rule
from ai_gateway.model import EntityType

_IP, _MAC, _COORDINATES = EntityType("IP_ADDRESS"), EntityType("MAC_ADDRESS"), EntityType("COORDINATES")
_VERSION_CUES = (
    "version",
    "release",
    "build",
    "firmware",
    "ver.",
    "ver",
    "v",
    "chrome/",
    "safari/",
    "section",
    "clause",
)
_FEWEST_DECIMALS = 4


def _ipv4(candidate: Candidate) -> bool:
    """An address of somebody's: not a version, a mask, an unset or a loopback address (RFC 1122, 3.2.1.3)."""
    host = candidate.value.partition(":")[0].partition("/")[0]
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        return False
    if address.is_loopback or address.is_unspecified or address.is_multicast or host.startswith("255."):
        return False
    return not candidate.before.rstrip(" :").endswith(_VERSION_CUES)


def _ipv6(candidate: Candidate) -> bool:
    groups = [g for g in candidate.value.partition("%")[0].split(":") if g]
    if len(groups) < 4 and not (groups and len(groups[0]) == 4):  # noqa: PLR2004  ``a::b`` is C++
        return False
    try:
        ipaddress.IPv6Address(candidate.value.partition("%")[0])
    except ValueError:
        return False
    return True


def _on_the_globe(candidate: Candidate) -> bool:
    """Latitude and longitude in decimal degrees, both precise enough to be a place rather than a pair of measures."""
    numbers = [n for n in "".join(c if c.isdigit() or c in ".-" else " " for c in candidate.value).split() if "." in n]
    if len(numbers) != 2:  # noqa: PLR2004  a pair
        return False
    latitude, longitude = (float(n.strip("-.") or 0) for n in numbers)
    precise = all(len(n.rpartition(".")[2]) >= _FEWEST_DECIMALS for n in numbers)
    named = any(cue in candidate.before for cue in ("lat", "lon", "gps", "coord", "locat")) or any(
        c in candidate.value for c in "NSEW\x01"
    )
    return latitude <= 90 and longitude <= 180 and (precise or named)  # noqa: PLR2004  degrees


RULES = (
    Rule(
        entity=_IP,
        expression=r"(?:^|[^\w.\-])(\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2}|:\d{1,5})?)(?:$|[^\w.\-]|\.\s|\.$)",
        accept=_ipv4,
        digits=4,
    ),
    Rule(
        entity=_IP,
        expression=r"(?i)(?:^|[^\w:.])((?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:%\w{1,16})?)(?:$|[^\w:])",
        accept=_ipv6,
        digits=1,
    ),
    Rule(
        entity=_MAC,
        expression=(
            r"(?i)(?:^|[^\w:\-])([0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{4}(?:\."
            r"[0-9a-f]{4}){2})(?:$|[^\w:\-])"
        ),
        digits=1,
    ),
    Rule(
        entity=_COORDINATES,
        expression=(
            r"(?:^|[^\w.\-])(-?\d{1,2}\.\d{3,15}\s?\x01?\s?[NS]?\s?[,;/ ]\s?(?:lon"
            r"(?:gitude)?:?\s?)?-?\d{1,3}\.\d{3,15}(?:\s?\x01?\s?[EW]\b|\x01)?)"
        ),
        accept=_on_the_globe,
        digits=4,
    ),
    Rule(
        entity=_COORDINATES,
        expression=(
            r"(?:^|[^\w])(\d{1,2}\s?\x01\s?\d{1,2}(?:\.\d+)?\s?['\x01]\s?(?:\d{1,2}(?:\.\d+)?\s?(?:\"|''|\x01)"
            r"\s?)?[NS][ ,;]{1,3}\d{1,3}\s?\x01\s?\d{1,2}(?:\.\d+)?\s?['\x01]\s?(?:\d{1,2}(?:\.\d+)?\s?(?:\"|''|"
            r"\x01)\s?)?[EW])\b"
        ),
        digits=2,
    ),
)
