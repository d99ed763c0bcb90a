"""What stands in a slot, and under which label. A party is somebody whom a text speaks of more than once."""

from collections.abc import Callable
from random import Random

from training import companies, everyday, inflections, names, numbers, oddities, places, spelled
from training.pieces import Piece

_RESERVED = ("example.com", "example.org", "mail.example", "post.example", "example.net")
_ENDINGS = (
    "com", "net", "org", "co.uk", "de", "io", "fr", "es", "com.br", "in", "pl", "it", "nl", "ph", "ua", "me", "dev",
    "co",
)  # fmt: skip
_MAILERS = ("webpost", "quickmail", "inboxly", "letterbird", "mailhaven", "postino", "fastletter", "corvidmail")


class Party:
    """One person with all that belongs to them; values are drawn when first asked for and stay."""

    def __init__(self, lang: str, chance: Random) -> None:
        self.lang = lang
        self.chance = chance
        self.person = names.invent(lang, chance)
        self.country = places.choose(lang, chance)
        self._drawn: dict[str, str] = {}

    def value(self, slot: str) -> str:
        """The text for a slot; ``KeyError`` if there is none of this name."""
        if slot not in self._drawn:
            self._drawn[slot] = LABELLED[slot][1](self) if slot in LABELLED else _unlabelled(slot, self)
        return self._drawn[slot]


class World:
    """The parties of one text."""

    def __init__(self, lang: str, chance: Random) -> None:
        self._lang = lang
        self._chance = chance
        self._parties: dict[str, Party] = {}

    def fill(self, slot: str, party: str | None) -> Piece:
        """A slot without a number is of somebody new; ``KeyError`` for a slot that does not exist."""
        fresh = Party(self._lang, self._chance)
        who = fresh if party is None else self._parties.setdefault(party, fresh)
        slot = slot.removeprefix("person.")
        return Piece(who.value(slot), LABELLED[slot][0] if slot in LABELLED else None)


def _host(party: Party) -> str:
    chance = party.chance
    if chance.random() < 0.4:
        return chance.choice(_RESERVED)
    if chance.random() < 0.5:
        return f"{chance.choice(_MAILERS)}.{chance.choice(_ENDINGS)}"
    stem = names.plain(companies.company(party.lang, chance))[:18] or "studio"
    return f"{stem}.{chance.choice(_ENDINGS)}"


def _local(party: Party) -> str:
    chance = party.chance
    person = names.ascii_person(party.person, chance)
    given, surname = names.plain(person.given), names.plain(person.surname) or "x"
    number = str(chance.choice((chance.randint(1, 99), chance.randint(1960, 2010))))
    return chance.choice(
        (
            f"{given}.{surname}",
            f"{given}{surname}",
            f"{given[0]}{surname}",
            f"{given}",
            f"{given}_{surname}",
            f"{given}{number}",
            f"{surname}.{given}",
            f"{given[0]}.{surname}",
            f"{given}.{surname}{number}",
            f"{given}{surname[0]}",
            f"{given}-{surname}",
            f"the{given}",
            f"{given}+jobs",
            f"{surname}{number}",
        )
    )


def _email(party: Party) -> str:
    local = party.chance.choice(("info", "hello")) if party.chance.random() < 0.1 else _local(party)
    address = f"{local}@{_host(party)}"
    chance = party.chance.random()
    if chance < 0.04:
        return address.replace("@", " at ").replace(".", " dot ")
    return address.upper() if chance < 0.06 else address.capitalize() if chance < 0.1 else address


def _spoken(party: Party) -> str:
    """As one says an address, or writes it where addresses are not allowed."""
    local, host = _email(party).lower().replace(" at ", "@").replace(" dot ", ".").split("@", 1)
    at, dot = party.chance.choice(
        (
            (" at ", " dot "),
            ("(at)", "(dot)"),
            ("[at]", "."),
            (" AT ", " DOT "),
            ("_at_", "_dot_"),
            (" @ ", " . "),
            ("<at>", "<dot>"),
            (" arroba ", " punto "),
            ("{at}", "{dot}"),
            (" at the domain ", ", ending "),
        )
    )
    return f"{local}{at}{host.replace('.', dot)}"


def _plain_phone(party: Party) -> str:
    return places.phone(party.country, party.chance).split(" e")[0].split(" x")[0].split(",")[0]


def _handle(party: Party) -> str:
    name = _local(party).replace("+", "_")
    word = party.chance.choice(("codes", "design", "writes", "makes", "art", "dev", "official", "xo", "", ""))
    return party.chance.choice((f"@{name}", f"@{name}", f"@{name}_{word}".rstrip("_"), f"@{word}{name}"))


def _url(party: Party) -> str:
    name, host = _local(party).replace("+", ""), _host(party)
    return party.chance.choice(
        (
            f"https://www.{host}",
            f"https://{host}/{name}",
            f"www.{host}",
            f"{host}",
            f"http://{name}.{host}/portfolio",
            f"linkedin.com/in/{name}",
            f"https://github.com/{name}",
            f"instagram.com/{name}",
            f"behance.net/{name}",
            f"https://{host}/files/{name}-cv.pdf",
            f"https://calendly.com/{name}/30min",
            f"t.me/{name}",
        )
    )


def _dob(party: Party) -> str:
    """With the month in the text's language every other time, if the lists have it."""
    months = companies.words().get(f"month_{party.lang}")
    chance = party.chance
    if not months or chance.random() < 0.5:
        return numbers.date(1945, 2006, chance)
    day, month, year = chance.randint(1, 28), chance.choice(months), chance.randint(1945, 2006)
    shapes = {"es": "{} de {} de {}", "pt": "{} de {} de {}", "de": "{}. {} {}", "cs": "{}. {} {}"}
    return shapes.get(party.lang, "{} {} {}").format(day, month, year)


def _common_word(party: Party) -> str:
    """A company that is called by words of every day, or after a town."""
    words, chance = companies.words(), party.chance
    word, tail = chance.choice(words["org_word"]), chance.choice(words["org_tail"])
    city = places.town(party.country, chance)
    pair = f"{chance.choice(words['org_adjective'])} {chance.choice(words['org_noun'])}"
    return chance.choice((word, word, pair, pair, f"{word} {tail}", f"The {word}", f"{city} {tail}", f"{tail} {city}"))


def _small_company(party: Party) -> str:
    draw = party.chance.choice(
        (companies.company(party.lang, party.chance), everyday.pair(party.country, party.lang, party.chance))
    )
    return draw.lower()


def _bent(part: str) -> Callable[[Party], str]:
    return lambda party: inflections.inflected(getattr(party.person, part), party.lang, party.chance)


def _form(name: str) -> Callable[[Party], str]:
    return lambda party: party.person.form(name, party.chance)


def _number(name: str) -> Callable[[Party], str]:
    return lambda party: numbers.pattern(name, party.chance)


LABELLED: dict[str, tuple[str, Callable[[Party], str]]] = {
    **{form: ("PERSON", _form(form)) for form in names.FORMS},
    "given_case": ("PERSON", _bent("given")),
    "surname_case": ("PERSON", _bent("surname")),
    "given_finnish": ("PERSON", lambda party: inflections.finnish(party.person.given, party.chance)),
    "family": ("PERSON", lambda party: inflections.plural(party.person.surname)),
    "surname_lower": ("PERSON", lambda party: party.person.surname.lower()),
    "given_upper": ("PERSON", lambda party: party.person.given.upper()),
    "letter": ("PERSON", lambda party: party.person.given[0].upper()),
    "joined": ("PERSON", lambda party: (party.person.given + party.person.surname).replace(" ", "")),
    "underscored": ("PERSON", lambda party: f"{party.person.given}_{party.person.surname}".replace(" ", "_")),
    "name.spread": ("PERSON", lambda party: oddities.spread(party.person.given, party.chance)),
    "name.leet": ("PERSON", lambda party: oddities.leet(party.person.given)),
    "name.tag": ("PERSON", lambda party: spelled.hashtag(party.person, party.chance)),
    "phone.apart": ("PHONE_NUMBER", lambda party: spelled.apart(_plain_phone(party), party.chance)),
    "phone.mixed": ("PHONE_NUMBER", lambda party: spelled.mixed(_plain_phone(party), party.chance)),
    "card.apart": ("CREDIT_CARD", lambda party: spelled.apart(numbers.card(party.chance), party.chance)),
    "account.mixed": (
        "BANK_ACCOUNT",
        lambda party: spelled.mixed(numbers.pattern("account", party.chance), party.chance),
    ),
    "national.apart": (
        "GOVERNMENT_ID",
        lambda party: spelled.apart(numbers.pattern("national", party.chance), party.chance),
    ),
    "phone.words": ("PHONE_NUMBER", lambda party: oddities.in_words(_plain_phone(party), party.chance)),
    "email.spoken": ("EMAIL_ADDRESS", _spoken),
    "email": ("EMAIL_ADDRESS", _email),
    "email.told": ("EMAIL_ADDRESS", lambda party: spelled.email(_local(party), _host(party), party.chance)),
    "phone": ("PHONE_NUMBER", lambda party: places.phone(party.country, party.chance)),
    "address": ("ADDRESS", lambda party: places.one_line(party.country, party.chance)),
    "address.multi": ("ADDRESS", lambda party: places.lines(party.country, party.chance)),
    "address.street": ("ADDRESS", lambda party: places.street(party.country, party.chance)),
    "address.odd": ("ADDRESS", lambda party: oddities.address(party.country, party.chance)),
    "address.told": ("ADDRESS", lambda party: spelled.address(party.country, party.chance)),
    "postcode": ("ADDRESS", lambda party: places.postcode(party.country, party.chance)),
    "city": ("LOCATION", lambda party: places.town(party.country, party.chance)),
    "country": ("LOCATION", lambda party: party.chance.choice(party.country.names)),
    "org": ("ORGANIZATION", lambda party: companies.company(party.lang, party.chance)),
    "org.word": ("ORGANIZATION", _common_word),
    "org.pair": ("ORGANIZATION", lambda party: everyday.pair(party.country, party.lang, party.chance)),
    "org.lower": ("ORGANIZATION", _small_company),
    "handle.told": ("HANDLE", lambda party: spelled.handle(_handle(party), party.chance)),
    "nickname": ("HANDLE", lambda party: oddities.nickname(party.chance)),
    "handle": ("HANDLE", _handle),
    "username": ("HANDLE", lambda party: _handle(party).removeprefix("@")),
    "url": ("URL", _url),
    "url.told": ("URL", lambda party: spelled.link(_url(party), party.chance)),
    "iban": ("IBAN", lambda party: numbers.iban(party.chance)),
    "card": ("CREDIT_CARD", lambda party: numbers.card(party.chance)),
    "account": ("BANK_ACCOUNT", _number("account")),
    "routing": ("BANK_ACCOUNT", _number("routing")),
    "crypto": ("CRYPTO_ADDRESS", lambda party: numbers.crypto(party.chance)),
    "ssn": ("GOVERNMENT_ID", _number("ssn")),
    "passport": ("GOVERNMENT_ID", _number("passport")),
    "licence": ("GOVERNMENT_ID", _number("licence")),
    "national": ("GOVERNMENT_ID", _number("national")),
    "tax": ("TAX_ID", _number("tax")),
    "dob": ("DATE_OF_BIRTH", _dob),
    "ip": ("IP_ADDRESS", lambda party: numbers.ip(party.chance)),
    "mac": ("MAC_ADDRESS", _number("mac")),
    "device": ("DEVICE_ID", _number("device")),
    "vehicle": ("VEHICLE_ID", _number("vehicle")),
    "geo": ("COORDINATES", lambda party: numbers.coordinates(party.chance)),
    "secret": ("SECRET", lambda party: numbers.secret(party.chance)),
}
"""Slots that hold personal data: the label and how a value is drawn."""

PLAIN: dict[str, Callable[[Random], str]] = {
    "date": lambda chance: numbers.date(2018, 2027, chance),
    "order_id": numbers.order,
    "code": oddities.code,
    "word": everyday.word,
    "phrase": everyday.phrase,
    "coined": everyday.coined,
    "namesake": lambda chance: everyday.namesake("en", chance),
    "size": oddities.size,
    "mention": oddities.mention,
    "suffix": inflections.suffixed,
    "time": lambda chance: f"{chance.randint(0, 23)}:{chance.choice(('00', '15', '30', '45', '07', '52'))}",
    "amount": lambda chance: (
        chance.choice(("$", "€", "£", "USD ", "₹", ""))
        + f"{chance.randint(5, 9000):,}{chance.choice(('', '.00', '.50'))}"
    ),
    "n": lambda chance: str(chance.randint(2, 60)),
    "version": lambda chance: (
        f"{chance.randint(0, 12)}.{chance.randint(0, 30)}{chance.choice(('', '.1', '.4', '.17'))}"
    ),
    "isbn": lambda chance: places.digits("978-#-##-######-#", chance),
}
"""Slots that are nobody's; every list of ``values/words.txt`` is another."""


def _unlabelled(slot: str, party: Party) -> str:
    """A list of the party's language comes before the English one."""
    if slot in PLAIN:
        return PLAIN[slot](party.chance)
    words = companies.words()
    return party.chance.choice(words.get(f"{slot}_{party.lang}") or words[slot])


def known() -> set[str]:
    """Names of all slots."""
    return {*LABELLED, *PLAIN, *companies.words(), *(f"person.{form}" for form in names.FORMS)}
