"""Values as they are told, or typed around a filter: numbers set apart, addresses in words, signs in place of signs."""

from random import Random

from training import companies, names, places
from training.places import Country, digits

_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_HOUSES = (
    "The Old Rectory", "The Toll House", "Rose Cottage", "Mill House", "The Lodge", "Hillside", "Ivy Bank", "The Barn",
    "Orchard End", "Fairview", "The Coach House", "Brook Farm", "Station House", "Westering", "The Forge", "Seaview",
    "Lower Farm", "The Granary", "Keeper's Cottage", "The Boathouse", "Sunnyside", "The Chantry", "Priory Barn",
)  # fmt: skip
_TURNED = ("behind the church", "next to the bakery", "first door after the bridge", "blue gate", "above the pharmacy")


def apart(number: str, chance: Random) -> str:
    """The digits with something between each two."""
    between = chance.choice((" ", " ", "-", ".", "_", " . ", " - ", "*", "/"))
    return between.join(c for c in number if c.isalnum())


def mixed(number: str, chance: Random) -> str:
    """Some digits in words, in groups as one says them: *two-oh-two, 555, 01 oh six*."""
    said = dict(zip("0123456789", companies.words()["digit"], strict=True))
    if chance.random() < 0.5:
        said["0"] = "oh"
    kept = [c for c in number if c.isdigit()]
    groups: list[str] = []
    while kept:
        size = chance.randint(2, 4)
        group, kept = kept[:size], kept[size:]
        spoken = chance.random() < 0.6
        groups.append(chance.choice(("-", " ")).join(said[c] for c in group) if spoken else "".join(group))
    return chance.choice((" ", ", ", " ... ", " - ")).join(groups)


def cardinal(number: int) -> str:
    """One to ninety-nine in words."""
    if number < 10:
        return companies.words()["digit"][number]
    if number < 20:
        return _TEENS[number - 10]
    tens, rest = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{cardinal(rest)}" if rest else "")


def address(country: Country, chance: Random) -> str:
    """An address without the form of one: a number in words, a house with a name, a way to a door."""
    street = chance.choice(country.streets)
    town, number = places.town(country, chance), chance.randint(1, 99)
    return digits(
        chance.choice(
            (
                f"{cardinal(number)} {street}",
                f"{cardinal(number)} {street}, {town}",
                f"number {cardinal(number)}, {street}",
                f"no. {number} {street}, {town}",
                f"{street} {number}, {town}",
                f"{street} number {cardinal(number)}",
                f"{chance.choice(_HOUSES)}, {town}",
                f"{chance.choice(_HOUSES)}, {street}",
                f"{chance.choice(_HOUSES)}, {street}, {town}",
                f"{street}, {town}",
                f"rear of {number} {street}, {town}",
                f"flat {number % 9 + 1}, {number} {street}",
                f"{number}/{number % 7 + 1} {street}, {town}",
                f"{street} {number}, {chance.choice(_TURNED)}",
                f"corner of {street} and {chance.choice(country.streets)}",
                f"{number} {street} {places.postcode(country, chance)}",
                f"{places.postcode(country, chance)} {town}",
                f"{town} {places.postcode(country, chance)}",
            )
        ),
        chance,
    )


def email(local: str, host: str, chance: Random) -> str:
    """One that no pattern reads: *w.i.l.m.a_at_teasel_dot_example*, *wilma (that's me) teasel example*."""
    at, dot = chance.choice(
        (
            ("_at_", "_dot_"),
            ("-at-", "-dot-"),
            (" (a) ", " (d) "),
            (" AT ", " DOT "),
            (" [@] ", " [.] "),
            (" snail ", " point "),
            (" chez ", " point "),
            (" arobase ", " point "),
            (" arroba ", " ponto "),
            (" chiocciola ", " punto "),
            (" ät ", " punkt "),
            (" małpa ", " kropka "),
            (" apenstaartje ", " punt "),
            (" @ ", " , "),
            ("@", " "),
            (" at ", " . "),
        )
    )
    if chance.random() < 0.2:
        local = chance.choice((" ", ".", "-")).join(local)
    return f"{local}{at}{host.replace('.', dot)}"


def link(url: str, chance: Random) -> str:
    """*nina dot example slash work*."""
    bare = url.removeprefix("https://").removeprefix("http://").removeprefix("www.")
    blank = chance.choice((" ", "-", " ", ""))
    dot, slash = chance.choice((("dot", "slash"), ("(dot)", "(slash)"), ("[.]", "/"), ("punto", "barra"), ("DOT", "/")))
    return bare.replace(".", f"{blank}{dot}{blank}").replace("/", f"{blank}{slash}{blank}")


def handle(name: str, chance: Random) -> str:
    """An account as one tells it: *u / wombatdon*, *at wombatdon*, *w0mbatd0n*."""
    bare = name.removeprefix("@")
    return chance.choice(
        (
            f"u/{bare}",
            f"u / {bare}",
            f"@ {bare}",
            bare.replace("o", "0").replace("e", "3"),
            bare.upper(),
            f"{bare}#{chance.randint(1000, 9999)}",
        )
    )


def hashtag(person: names.Person, chance: Random) -> str:
    """A name run together, as it stands behind a hash."""
    given, surname = person.given.replace(" ", ""), person.surname.replace(" ", "")
    return chance.choice((given + surname, given + surname, surname, given, (given + surname).lower()))
