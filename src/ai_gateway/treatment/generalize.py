"""A coarser value in place of a fine one: the year of a birth, the country of an address, or nothing."""

import re

from ai_gateway.model import EntityType
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.words import split

_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_PARTS = re.compile(r"[,;\n]+")
_PLACES = frozenset({EntityType("ADDRESS"), EntityType("LOCATION")})
_BIRTH = EntityType("DATE_OF_BIRTH")

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


def generalize(entity: EntityType, value: str) -> str | None:
    """The year of a date of birth; the country that an address or place ends with; None for all else: redact it."""
    if entity == _BIRTH:
        years = set(_YEAR.findall(fold(value)))
        return years.pop() if len(years) == 1 else None
    if entity in _PLACES:
        last = _PARTS.split(value)[-1].strip(" .")
        return last if split(fold(last)) in _COUNTRIES else None
    return None
