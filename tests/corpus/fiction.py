"""What invented values look like: nothing in the corpus reaches anybody."""

import ipaddress
import re

RESERVED_DOMAINS = ("example", "test", "invalid")
"""RFC 2606."""
ADVERTISED_SSN = re.compile(r"987654\d{3}|900555012|078051120|219099999")
"""Reserved for advertising (987-65-432x), or void because they were printed on samples (SSA)."""
TEST_CARDS = frozenset(
    """
    4111111111111111 4242424242424242 4000056655665556 4000000000009995 4000002500003155 4000007600000002
    5555555555554444 5105105105105100 2223003122003222 378282246310005 6011111111111117
    """.split()  # noqa: SIM905  words read best as words
)
"""What payment companies print in their manuals for trying things out."""
DRAMA_NUMBERS = re.compile(
    r"""
    555-?01\d\d                                                      # North America: 555-0100 to 555-0199
    | 55501                                                          # marked by us where nobody reserves a range
    | 20-?7946-?0\d{3} | 7700-?900\d{3} | 1632-?960\d{3}             # Ofcom, "for use in drama"
    | (?:113|114|115|116|117|118|121|131|141|151|161)-?496-?0\d{3} | 191-?498-?0\d{3} | 29-?2018-?0\d{3}
    | 30-?23125-?\d{3} | 69-?90009-?\d{3} | 40-?66969-?\d{3} | 221-?4710-?\d{3} | 89-?99998-?\d{3} | 171-?39200-?\d\d
    | 1-?99-?00-?\d\d-?\d\d | 2-?61-?91-?\d\d-?\d\d | 3-?53-?01-?\d\d-?\d\d | 6-?39-?98-?\d\d-?\d\d  # ARCEP
    | 7-?55-?50-?12-?\d\d
    | 491-?57\d-?\d{3} | [2378]-?5550-?\d{4}                           # ACMA
    | 70-?174-?06-?\d\d                                              # PTS
    """,
    re.VERBOSE,
)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+([a-z]{2,})", re.IGNORECASE)
_TEST_BANK = re.compile(r"TEST|ZZZZ|999|0000")


def domain_is_reserved(value: str) -> bool:
    """For an e-mail address or a URL as one would type it."""
    host = re.split(r"[/?#:]", re.sub(r"^\w+://", "", value.rpartition("@")[2]))[0]
    found = _HOST.fullmatch(host)
    return bool(found) and found is not None and found[1].lower() in RESERVED_DOMAINS


def phone_is_fictional(value: str) -> bool:
    """Fewer than seven digits ring nowhere."""
    digits = "-".join(re.findall(r"\d+", value))
    bare = digits.replace("-", "")
    return len(bare) < 7 or bool(DRAMA_NUMBERS.search(digits) or DRAMA_NUMBERS.search(bare))


def card_is_for_trying(value: str) -> bool:
    """Whole numbers are test numbers; the last four digits of a card are nobody's."""
    digits = re.sub(r"\D", "", value)
    return len(digits) <= 8 or digits in TEST_CARDS


def iban_is_valid_and_invented(value: str) -> bool:
    """ISO 13616's check digits hold, at a bank that does not exist."""
    plain = re.sub(r"[\s\u2011]", "", value)
    number = int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4]))
    return number % 97 == 1 and bool(_TEST_BANK.search(plain))


def ip_is_for_documents(value: str) -> bool:
    """RFC 5737 and RFC 3849, or private."""
    return ipaddress.ip_address(value).is_private
