"""How a name written in Cyrillic or Greek, or with an umlaut, is commonly written in plain Latin letters."""
# ruff: noqa: RUF001, E501  letters that look alike are what these tables are about

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "e", "є": "ye", "ж": "zh", "з": "z", "и": "i",
    "і": "i", "ї": "i", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "у": "u", "ў": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "",
    "э": "e", "ю": "yu", "я": "ya", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dz",
}  # fmt: skip
_GREEK = {
    "α": "a", "ά": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "έ": "e", "ζ": "z", "η": "i", "ή": "i", "θ": "th", "ι": "i",
    "ί": "i", "ϊ": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "ό": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "ύ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o", "ώ": "o",
}  # fmt: skip
_LETTERS = {**_CYRILLIC, **_GREEK}
_UMLAUTS = {
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "å": "aa",
    "ø": "oe",
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
    "ñ": "n",
    "ð": "d",
    "þ": "th",
}
_UNDONE = (("ae", "a"), ("oe", "o"), ("ue", "u"))


def transliterations(name: str) -> tuple[str, ...]:
    """Other spellings of the name, itself not among them."""
    lower = name.lower()
    spelled = [
        "".join(_LETTERS.get(c, c) for c in lower),
        "".join(_UMLAUTS.get(c, c) for c in lower),
    ]
    undone = lower
    for pair, letter in _UNDONE:
        undone = undone.replace(pair, letter)
    spelled.append(undone)
    return tuple(dict.fromkeys(s for s in spelled if s != lower))
