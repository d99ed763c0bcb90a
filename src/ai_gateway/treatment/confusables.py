"""Letters of other scripts that look like Latin ones.

Only letters that a reader cannot tell from a Latin letter in running text stand here, so that folding a word of Greek
or Cyrillic changes as little as possible. Matching folds both sides, so a wholly Cyrillic name still finds itself.
"""
# ruff: noqa: RUF001, E501  the letters that look alike are what this table is about

_CYRILLIC = {
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "ѕ": "s", "і": "i", "ј": "j", "ԛ": "q", "ԝ": "w",
    "һ": "h", "ԁ": "d", "ѵ": "v", "к": "k", "м": "m", "т": "t", "в": "b", "н": "h", "ӏ": "l", "ь": "b", "ү": "y", "ѡ": "w",
    "А": "A", "В": "B", "Е": "E", "К": "K", "М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C", "Т": "T", "У": "Y", "Х": "X",
    "Ѕ": "S", "І": "I", "Ј": "J", "Ԛ": "Q", "Ԝ": "W", "Һ": "H", "Ԁ": "D", "Ѵ": "V", "Ӏ": "I", "Ү": "Y", "Ѡ": "W",
}  # fmt: skip
_GREEK = {
    "α": "a", "ε": "e", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "γ": "y", "η": "n",
    "ω": "w", "ϲ": "c", "ϳ": "j", "σ": "o",
    "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P", "Τ": "T",
    "Υ": "Y", "Χ": "X", "Ϲ": "C", "Ϳ": "J",
}  # fmt: skip
_OTHER = {
    # Armenian
    "օ": "o", "ս": "u", "հ": "h", "ո": "n", "ց": "g", "զ": "q", "Օ": "O", "Տ": "S", "Լ": "L",
    # Latin letters that Unicode does not decompose
    "ı": "i", "ȷ": "j", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ʟ": "l", "ᴏ": "o", "ꜱ": "s", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ł": "l", "Ł": "L", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ɐ": "a", "ə": "e", "ɪ": "i", "ʀ": "r", "ʏ": "y", "ǀ": "l",
    # Cherokee capitals
    "Ꭺ": "A", "Ᏼ": "B", "Ꮯ": "C", "Ꭰ": "D", "Ꭼ": "E", "Ꮐ": "G", "Ꮋ": "H", "Ꭻ": "J", "Ꮶ": "K", "Ꮮ": "L", "Ꮇ": "M", "Ꮲ": "P",
    "Ꮪ": "S", "Ꭲ": "T", "Ꮩ": "V", "Ꮃ": "W", "Ꮓ": "Z",
}  # fmt: skip

LETTERS: dict[str, str] = {**_CYRILLIC, **_GREEK, **_OTHER}

PUNCTUATION: dict[str, str] = {
    **dict.fromkeys("‐‑‒–—―−﹘﹣－⁃˗᠆", "-"),
    **dict.fromkeys("‘’‚‛′´ʹʼˈ＇՚꞉ʻ", "'"),
    **dict.fromkeys("“”„‟″«»＂ˮ", '"'),
    **dict.fromkeys("․。．｡", "."),
    **dict.fromkeys("，、､", ","),
    **dict.fromkeys("⁄∕⧸", "/"),
    **dict.fromkeys("∶：﹕ː", ":"),
    **dict.fromkeys("﹫＠", "@"),
    **dict.fromkeys("ǃ！", "!"),
    **dict.fromkeys("•·∙⋅・", "·"),
    "꞉": ":",
    "…": "...",
}
