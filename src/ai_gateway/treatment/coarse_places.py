"""The city or the country of an address, where it can be told from the rest without doubt."""

import re

from ai_gateway.model import Coarseness
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.words import split

_PARTS = re.compile(r"[,;\n]+")
_POSTCODE = re.compile(r"[A-Z]{1,2}-?(?=[0-9])[0-9A-Z]{1,6}|[0-9][0-9A-Z-]{2,9}|[A-Z]{2}|[0-9][A-Z]{2}")
"""A word that is a postcode, a part of one, or a state's two letters."""
_LONGEST_CITY = 4

# Common names in English, folded, as the last part of an address or place has them.
_COUNTRIES = frozenset(
    tuple(name.split())
    for name in (  # noqa: SIM905  names read best as names
        "afghanistan|albania|algeria|andorra|angola|argentina|armenia|australia|austria|azerbaijan|bahamas|"
        "bahrain|bangladesh|barbados|belarus|belgium|belize|benin|bhutan|bolivia|bosnia and herzegovina|botswana|"
        "brazil|brunei|bulgaria|burkina faso|burundi|cambodia|cameroon|canada|cape verde|chad|chile|china|"
        "colombia|costa rica|croatia|cuba|cyprus|czechia|czech republic|denmark|djibouti|dominican republic|"
        "ecuador|egypt|el salvador|england|eritrea|estonia|ethiopia|fiji|finland|france|gabon|gambia|germany|"
        "deutschland|ghana|greece|guatemala|guinea|guyana|haiti|honduras|hong kong|hungary|iceland|india|"
        "indonesia|iran|iraq|ireland|israel|italy|italia|ivory coast|jamaica|japan|kazakhstan|kenya|kosovo|"
        "kuwait|kyrgyzstan|laos|latvia|lebanon|lesotho|liberia|libya|liechtenstein|lithuania|luxembourg|"
        "madagascar|malawi|malaysia|maldives|mali|malta|mauritania|mauritius|mexico|moldova|monaco|mongolia|"
        "montenegro|morocco|mozambique|myanmar|namibia|nepal|netherlands|the netherlands|new zealand|nicaragua|"
        "niger|nigeria|north macedonia|northern ireland|norway|oman|pakistan|panama|paraguay|peru|philippines|"
        "poland|portugal|qatar|romania|russia|rwanda|saudi arabia|scotland|senegal|serbia|seychelles|"
        "sierra leone|singapore|slovakia|slovenia|somalia|south africa|south korea|spain|espana|sri lanka|sudan|"
        "suriname|sweden|switzerland|syria|taiwan|tajikistan|tanzania|thailand|togo|trinidad and tobago|tunisia|"
        "turkey|turkmenistan|uganda|uk|ukraine|united arab emirates|united kingdom|great britain|united states|"
        "united states of america|u s a|usa|uruguay|uzbekistan|vanuatu|venezuela|vietnam|wales|yemen|zambia|"
        "zimbabwe"
    ).split("|")
)


def coarse_place(value: str, to: Coarseness) -> str | None:
    """None where the part asked for does not stand there by itself."""
    parts = [part.strip(" .") for part in _PARTS.split(value) if part.strip(" .")]
    if not parts:
        return None
    ends_with_country = split(fold(parts[-1])) in _COUNTRIES
    if to is Coarseness.COUNTRY:
        return parts[-1] if ends_with_country else None
    return _city(parts[1:-1] if ends_with_country else parts[1:])


def _city(after_street: list[str]) -> str | None:
    """The last part that is a name once postcode and state are off; what has other digits in it may be a street."""
    for part in reversed(after_street):
        words = [word for word in part.split() if not _POSTCODE.fullmatch(word)]
        if words:
            named = len(words) <= _LONGEST_CITY and all(word[0].isalpha() and word.isprintable() for word in words)
            return " ".join(words) if named and not any(c.isdigit() for c in part if words == part.split()) else None
    return None
