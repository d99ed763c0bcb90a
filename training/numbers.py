"""Identifiers of the right shape with digits drawn at random: cards, accounts, papers, machines, secrets."""

import string
from random import Random

from training.places import digits

_IBANS = {
    "DE": 18,
    "FR": 23,
    "ES": 20,
    "NL": 14,
    "IT": 23,
    "PL": 24,
    "PT": 21,
    "GB": 18,
    "BE": 12,
    "AT": 16,
    "CH": 17,
    "UA": 25,
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_PATTERNS = {
    "ssn": ("###-##-####", "### ## ####", "#########"),
    "passport": (
        "@#######", "@@######", "#########", "@##@#####", "@@#######", "@@@######", "##@@#####", "@ #######",
        "@@ ### ####", "@####@###", "P<@@@ #######", "@@-#######", "@@@@#####",
    ),
    "licence": (
        "@@@ ######", "#########", "##-@@-####", "@####-#####-#####", "@#######", "@@@@@######@@#@@",
        "####-######", "@###-####-####", "@@##-###########", "@@##########@", "##@@######", "@##-##-######",
        "@@-#####", "LIC-######", "#####/##/####", "@@@ #### ##", "PL ######", "@#####@",
        "@@@@@ ###### @@#@@", "@## ### ### ###", "## @@ ####",
    ),
    "national": (
        "####-####-####", "#### #### ####", "########@", "@#######@", "##-########-#", "###########",
        "##.##.##-###.##", "######-####", "######/####", "@@@@######@@@@@@##", "#############",
        "# ## ## ## ### ### ##", "@@######@", "######-#######", "##.###.###", "@## ### ###", "@@ ## ## ## @",
        "@@ ######@", "###-###-###", "### ### ###", "@@####@##", "@@@ ######", "###.###.###-##",
        "##.###.###-#", "@-########-@", "########-@", "######-###@", "######+###@", "### ### ####",
        "##-###-###-#", "####-#######-#", "#-####-#####-##-#", "@@@@@####@", "##########", "@#########",
        "########", "#.###.###-#", "@@## @@####", "@#-#######", "784-####-#######-#", "@@#######@",
    ),
    "tax": (
        "##-#######", "###.###.###-##", "###-##-####", "DE#########", "GB ### #### ##", "FR## #########",
        "##.###.###/####-##", "@@@@@####@", "##/###/#####", "###-###-##-##", "ATU########", "NL#########B##",
        "#####-#####", "##@@@@@####@#@#", "##.###.###-#", "@########", "ESB########", "##########",
        "## ### ### ###", "##### #####", "## ### ##### #", "### ### ###", "IT###########", "PL##########",
        "PT#########", "CHE-###.###.### MWST", "BE0#########", "SE##########01", "### ### ### ###",
        "#########RT0001", "##-#######-#", "@@@######@@#", "IE#######@@", "DK ## ## ## ##",
    ),
    "account": (
        "########", "##########", "####-####-####", "############", "##-##-## ########", "00########",
        "###-######-#", "#### ####", "#########", "## ## ## ## ##", "####/#####/#", "#######-#",
        "#### #### ## ##########", "## #### #### #### #### #### ####", "***####", "xxxx####",
        "##-####-#######-##", "######-##########/####", "####-#", "######## / ######", "#####.######-#",
        "### ### ###", "#-######-##", "@@##-####-####", "####### ##",
    ),
    "routing": (
        "0########", "##-##-##", "###-###", "1########", "@@@@@@@@", "@@@@0######", "@@@@GB##", "## ## ##",
        "#####",
    ),
    "ip": (),
    "mac": ("%%:%%:%%:%%:%%:%%", "%%-%%-%%-%%-%%-%%", "%%%%.%%%%.%%%%"),
    "device": (
        "35###########^#", "SN-@@##@####", "%%%%%%%%-%%%%-4%%%-a%%%-%%%%%%%%%%%%", "@@@####@##",
        "35 ###### ###### #", "35-######-######-#", "C02@@###@@@@", "F@@@######@@", "R@#@######@",
        "%%%%%%%%%%%%%%%%", "@@@##########", "########-%%%%%%%%%%%%%%%%", "@@@@-@@@@-####", "DSN-####-@@##",
        "5CG#######", "PF#@@@@@", "MJ######", "8988############@", "8901###############", "@####-#####-@@",
        "DESKTOP-@#@##@@", "LAPTOP-@@##@@#@", "00######-%%%%%%%%", "G0@@@###########@", "@@#######",
        "#@@#######@@", "AQ-########", "####-####-####-###",
    ),
    "vehicle": (
        "@@@ ####", "#@@@###", "@@## @@@", "@@-###-@@", "1@@@@##@#@@######", "@ @@ ####", "@@@-##-##",
        "#### @@@", "@@ ## @@ ####", "@@-@@ ####", "@@@#@##", "@@@##@@", "##-@@@-#", "W@@@@@##@#@######",
        "@@@ ###", "@##-@@@", "@@ #####", "## @ ####",
    ),
}  # fmt: skip


def pattern(name: str, chance: Random) -> str:
    """A value of one of the shapes of ``_PATTERNS``; ``%`` is a hexadecimal digit."""
    drawn = digits(chance.choice(_PATTERNS[name]), chance)
    return "".join(chance.choice("0123456789abcdef") if c == "%" else c for c in drawn)


def ip(chance: Random) -> str:
    """Mostly IPv4."""
    if chance.random() < 0.2:
        return ":".join(f"{chance.randrange(65536):x}" for _ in range(8))
    return ".".join(str(chance.randint(1, 254)) for _ in range(4))


def card(chance: Random) -> str:
    """Sixteen or fifteen digits that pass Luhn's check, in several layouts; its last four once in eight times."""
    body = chance.choice(("4", "51", "55", "37", "6011")) + "".join(chance.choices(string.digits, k=16))
    body = body[: 14 if body.startswith("37") else 15]
    total = sum(sum(divmod(int(c) * (2 - at % 2), 10)) for at, c in enumerate(reversed(body)))
    number = body + str(-total % 10)
    groups = (
        (number[:4], number[4:10], number[10:]) if len(number) == 15 else [number[i : i + 4] for i in range(0, 16, 4)]
    )
    if chance.random() < 1 / 8:
        return chance.choice(("**** **** **** ", "xxxx-", "...", "")) + number[-4:]
    return chance.choice((" ", " ", "-", "")).join(groups)


def iban(chance: Random) -> str:
    """With valid check digits (ISO 13616), in groups of four or in one."""
    country = chance.choice(sorted(_IBANS))
    bank = digits("@@@@", chance) if country in ("NL", "GB") else ""
    body = bank + "".join(chance.choices(string.digits, k=_IBANS[country] - len(bank)))
    check = 98 - int("".join(str(int(c, 36)) for c in body + country + "00")) % 97
    whole = f"{country}{check:02}{body}"
    return " ".join(whole[i : i + 4] for i in range(0, len(whole), 4)) if chance.random() < 0.7 else whole


def crypto(chance: Random) -> str:
    """Shapes of Bitcoin, Ethereum and Tron addresses; their checks are not met."""
    letters = string.ascii_letters + string.digits
    return chance.choice(("bc1q", "1", "0x", "T")) + "".join(chance.choices(letters.lower(), k=chance.randint(33, 40)))


def secret(chance: Random) -> str:
    """Passwords as people choose them, tokens, one-time codes."""
    letters = string.ascii_letters + string.digits
    word = chance.choice(
        ("sunflower", "Hunter", "qwerty", "Bosco", "tangerine", "Winter", "letmein", "Mango", "dragonfly")
    )
    token = "".join(chance.choices(letters, k=chance.randint(12, 36)))
    return chance.choice(
        (
            f"{word}{chance.randint(1, 2030)}{chance.choice('!?#$*')}",
            f"{word}-{chance.randint(10, 99)}",
            digits("######", chance),
            f"sk_live_{token}",
            token,
            f"ghp_{token}",
            f"{word.upper()}_{token[:6]}",
            f"Bearer {token}",
        )
    )


def coordinates(chance: Random) -> str:
    """Latitude and longitude in degrees."""
    north, east = chance.uniform(-60, 70), chance.uniform(-180, 180)
    return chance.choice(
        (f"{north:.4f}, {east:.4f}", f"{north:.6f},{east:.6f}", f"{abs(north):.3f}° N, {abs(east):.3f}° E")
    )


def date(first: int, last: int, chance: Random) -> str:
    """A day between two years, in one of a dozen layouts."""
    year, month, day = chance.randint(first, last), chance.randint(1, 12), chance.randint(1, 28)
    name = _MONTHS[month - 1]
    return chance.choice(
        (
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{day:02}/{month:02}/{year}",
            f"{year}-{month:02}-{day:02}",
            f"{day}.{month}.{year}",
            f"{month}/{day}/{year % 100:02}",
            f"{day:02}-{name[:3]}-{year}",
            f"{name[:3]} {day} {year}",
            f"{day:02}.{month:02}.{year}",
            f"{day}th of {name} {year}",
            f"{month}/{day}/{year}",
        )
    )


def order(chance: Random) -> str:
    """References that are nobody's: orders, tickets, invoices."""
    return digits(
        chance.choice(
            (
                "#####",
                "######",
                "INV-20##-###",
                "ORD-#######",
                "@@-####",
                "#########",
                "PO ####",
                "T-#####",
                "20##/###",
                "##-#####-#####",
                "1Z@@#########",
            )
        ),
        chance,
    )
