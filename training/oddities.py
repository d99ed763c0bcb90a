"""Values set in odd ways: addresses in any layout, nicknames, and numbers that are nobody's."""

from random import Random

from training import companies, places
from training.places import Country, digits

_BETWEEN = (
    " / ",
    " | ",
    "; ",
    " - ",
    ",\n",
    "\n\n",
    "\n\t",
    ",",
    " • ",
    "  ",
    " \u2013 ",
    "\n    ",
    "\r\n",
    " \n",
    ";\n",
    " // ",
)
_CODES = (
    "@@@-####",
    "@@##-@@##",
    "SKU-#####",
    "ART.NR ######",
    "@@####-##",
    "###-@@-###",
    "M#x##",
    "@#-####-@",
    "EN ISO ####",
    "RAL ####",
    "Pantone ###@",
    "DIN ###-#",
    "BUILD ####",
    "0x####",
    "#^######",
    "GTIN ^############",
    "DOI 10.####/@@##",
    "ISSN ####-####",
    "LOT #####",
    "@@@#######",
)
_SIZES = (
    "#^ x #^ cm",
    "##00x##00 px",
    "^###\u00d7^###",
    "^.# m",
    '^" x ^#"',
    "^#,^ mm",
    "A^",
    "^# pt / ^# pt",
    "^.^ GB",
    "x=^##, y=^##",
    "(^##, ^##)",
    "^#% / ^#%",
    "#^ sqm",
    "^###-^### words",
    "^#:^#",
    "rgb(^##, ^#, ^##)",
)
_MENTIONS = (
    "@media",
    "@import",
    "@types/node",
    "@angular/core",
    "user@",
    "image@2x.png",
    "logo@3x.webp",
    "foo@latest",
    "@Override",
    "@everyone",
    "@here",
    "git@v2",
    "a@b",
    "lodash@4.17.21",
    "@dataclass",
    "30 @ 5.50",
    "@property",
    "@keyframes",
)


def address(country: Country, chance: Random) -> str:
    """An address whose lines are joined, turned round, closed up or in capitals as some form or export did."""
    lines = [line.strip(" ,") for line in places.lines(country, chance).split("\n") if line.strip(" ,")]
    if chance.random() < 0.4:
        lines.append(chance.choice(country.names))
    if chance.random() < 0.12:
        lines.reverse()
    whole = chance.choice(_BETWEEN).join(lines)
    return whole.upper() if chance.random() < 0.12 else whole.lower() if chance.random() < 0.08 else whole


def nickname(chance: Random) -> str:
    """A user name that holds no name: *velvet_otter77*."""
    first, second = (chance.choice(companies.words()[words]) for words in ("nick_first", "nick_second"))
    number = chance.choice(("", "", str(chance.randint(1, 99)), str(chance.randint(1970, 2012)), "x", "_"))
    return chance.choice(
        (
            f"{first}_{second}{number}",
            f"{first}{second}{number}",
            f"{first}.{second}",
            f"{first.capitalize()}{second.capitalize()}{number}",
            f"xX_{second}_Xx",
            f"the_{first}_{second}",
            f"{second}{chance.randint(10, 9999)}",
            f"{first}-{second}",
            f"not_a_{second}",
        )
    )


def code(chance: Random) -> str:
    """Article numbers, standards, lots, builds, short hashes."""
    if chance.random() < 0.2:
        return "".join(chance.choices("0123456789abcdef", k=chance.choice((7, 8, 12, 40))))
    return digits(chance.choice(_CODES), chance)


def size(chance: Random) -> str:
    """Sizes, positions in a drawing, shares."""
    return digits(chance.choice(_SIZES), chance)


def mention(chance: Random) -> str:
    """What holds an at-sign and addresses nobody."""
    return chance.choice(_MENTIONS)


def spread(text: str, chance: Random) -> str:
    """The letters set apart, as some do to get past a filter."""
    return chance.choice((" ", ".", "-", "_", "\u200b", " . ")).join(text)


def in_words(number: str, chance: Random) -> str:
    """Some or all digits spelled out, and what stood between them dropped now and then."""
    names = dict(zip("0123456789", companies.words()["digit"], strict=True))
    often = chance.choice((0.2, 0.5, 1.0))
    drawn = [names[c] if c in names and chance.random() < often else c for c in number]
    return chance.choice((" ", "-", "")).join(c for c in drawn if c.isalnum())


def leet(text: str) -> str:
    """Digits in place of letters: *J0s3*."""
    return text.translate(str.maketrans("aeiosAEIOS", "4310543105"))
