"""Whether a name is a thing's: *Kalman filter*, *Murphy's law*, *Chesterfield sofas*, *along the Hudson*, a film's."""

import re

_POSSESSED = (
    "laws? razors? diseases? syndromes? theorems? paradox(?:es)? principles? conjectures? lemmas? equations? "
    "paradoxes rules? day "
    "campaigns? triangles? sieve constants? hypothes[ie]s conditions? palsy thyroiditis"
)
_HEADS = (
    f"{_POSSESSED} filters? tests? scales? charts? plots? diagrams? distributions? processes process chains? "
    f"transforms? series "
    "effect effects curves? coefficients? correlation index distance estimates? estimator numbers? "
    "sequences? spaces? matri(?:x|ces) "
    "method algorithms? models? noise simulations? burners? dish(?:es)? flasks? cages? beds? sofas? desks? "
    "tables? chairs? knife knives "
    "salads? pizzas? steaks? cocktails? sauces? sandwich(?:es)? cheese boots shoes trousers hats? collars? "
    "sleeves? jackets? coats? bags? "
    "bosons? "
    "guitars? pianos? amps? engines? motors? cars? bikes? parts canal houses? loft fonts? typefaces? italics "
    "tendons? scanners? tubes? "
    "syringes? valves? shepherds? terriers? spaniels? dogs? cats? roses? blue green red white yellow "
    "dressing oven press projection "
    "coordinates style look award awards prize prizes trophy cup effect portal store"
)
_AFTER = re.compile(rf"(?: |-)(?:{_HEADS.replace(' ', '|')})\b", re.IGNORECASE)
_AFTER_POSSESSIVE = re.compile(rf"['\u2019]s? (?:{_POSSESSED.replace(' ', '|')})\b", re.IGNORECASE)

_IS_A_WORK = re.compile(
    r" (?:is|was) an? (?:19|20)\d\d (?:[\w\-]{1,24} ){0,4}"
    r"(?:film|movie|documentary|album|song|ep|novel|series|sitcom|musical|opera|cartoon)"
    r"(?=$|\.| (?:directed|starring|by|about|written|produced|recorded|based|that|which)\b)",
    re.IGNORECASE,
)

_ARTICLE = re.compile(r"\b(?:the|The) $")
_ENDS_OR_ACTS = re.compile(
    r"$|[.,;:!?)\n]| (?:is|was|at|in|on|to|by|near|from|with|for|before|after|when|where|will|has)\b"
)


def is_namesake(text: str, end: int) -> bool:
    """``end`` is where the name ends. *Zoofighter is a 2017 Polish film directed by …*, too."""
    return any(after.match(text, end) is not None for after in (_AFTER, _AFTER_POSSESSIVE, _IS_A_WORK))


def is_a_thing(text: str, start: int, end: int) -> bool:
    """One word with an article before it, and nothing after that it tells more of: rivers, ships and bands have one,
    people have none; *the Smiths* have, and *the Okafor novel* has an author."""
    value = text[start:end]
    if " " in value or value.endswith("s") or not value[:1].isupper() or value.isupper():
        return False
    return _ARTICLE.search(text, max(0, start - 5), start) is not None and _ENDS_OR_ACTS.match(text, end) is not None
