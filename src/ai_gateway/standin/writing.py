"""What the stand-in answers: plausible prose in whole sentences that uses the pseudonyms it was given.

Deterministic, so that a test can rely on it; every word comes from here or from the prompt.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from ai_gateway.standin.reading import Block, Turn, blocks, first, pseudonyms, sentences, under

_NEED = re.compile(r"\b(?:need|needs|looking for|want|wants|seek|seeking|require)\b", re.IGNORECASE)
_DOING = re.compile(r"\bI (?:have|build|write|design|develop|work|lead|translate|speciali[sz]e|restore)\b|\bI've\b")
_TIMING = re.compile(r"\b(?:deadline|weeks?|months?|season|by the end|start|launch)\b", re.IGNORECASE)
_WISH = re.compile(r"\b(?:has to|have to|should|must|needs?|prefer)\b", re.IGNORECASE)
_QUESTION = re.compile(r"\?$")
_SENTENCE_LIMIT = re.compile(r"at most (\d{1,2}) sentences")

_AUTHORS = ("PROFESSIONAL", "INDEPENDENT_PROFESSIONAL", "FREELANCER", "AGENCY", "AGENCY_MEMBER")
_ADDRESSEES = ("CLIENT", "CONTACT", "PERSON")
_OF_THE_CLIENT = {
    "ORG": "I would be glad to do this for {}.",
    "ORGANIZATION": "I would be glad to do this for {}.",
    "PERSON": "I am happy to include {} in our first call.",
    "EMAIL": "You will have the plan in writing at {}.",
    "EMAIL_ADDRESS": "You will have the plan in writing at {}.",
    "PHONE": "For a short call, I will try {}.",
    "PHONE_NUMBER": "For a short call, I will try {}.",
    "URL": "I have had a look at {}.",
    "LOCATION": "The hours in {} suit me well.",
}
_OF_THE_AUTHOR = {
    "URL": "Examples of my work are at {}.",
    "HANDLE": "You will find me as {}.",
    "EMAIL": "You can write to me at {}.",
    "EMAIL_ADDRESS": "You can write to me at {}.",
}
_MOST_MENTIONS = 6


def write(turns: Sequence[Turn]) -> str:
    """The reply to a prompt: a proposal, a summary, or a short answer, by what the instructions ask for."""
    instructions = " ".join(turn.text for turn in turns if turn.role == "system").lower() or turns[0].text.lower()
    texts = [turn.text for turn in turns if turn.role != "system"]
    if instructions.count("summar") > instructions.count("proposal"):
        return _summary(blocks(texts), " ".join(texts))
    if "proposal" in instructions:
        return _proposal(blocks(texts))
    return _answer(texts)


def _proposal(material: Sequence[Block]) -> str:
    profile, messages = under(material, "profile"), under(material, "message")
    posted = under(material, "job post") or under(material, "job")
    tokens = pseudonyms([*posted, *messages])
    need, timing = first(sentences(posted), _NEED), first(sentences(posted), _TIMING)
    asked = first(sentences(messages), _QUESTION)
    wish = first(sentences(messages), _WISH, need, asked)
    about_me = [sentence for sentence in sentences(profile) if _DOING.search(sentence)][:2]
    body = [
        _joined("Thank you for your post.", _quoted("What you are after is clear:", need), *about_me),
        _joined(
            _quoted("You asked:", asked),
            "I am glad to settle that in a first call." if asked else None,
            _quoted("I have also noted:", wish),
            _quoted("On timing:", timing if timing not in (need, asked, wish) else None),
            "I suggest a small first milestone, so that you can judge the work early, and agreed steps from there.",
        ),
    ]
    greeting = f"Hello {_one_of(tokens, _ADDRESSEES) or 'there'},"
    farewell = f"Kind regards,\n{_one_of(pseudonyms([*profile, *messages]), _AUTHORS) or 'your applicant'}"
    already = "".join([greeting, *body, farewell])
    mentions = [*_mentions(tokens, _OF_THE_CLIENT, already), *_mentions(pseudonyms(profile), _OF_THE_AUTHOR, already)]
    return "\n\n".join(part for part in (greeting, *body, " ".join(mentions[:_MOST_MENTIONS]), farewell) if part)


def _summary(material: Sequence[Block], asked: str) -> str:
    profile = sentences(under(material, "profile"))
    shown, reviews = sentences(under(material, "portfolio")), sentences(under(material, "review"))
    who = _one_of(pseudonyms(under(material, "profile")), _AUTHORS) or "This professional"
    own = [sentence for sentence in profile if _DOING.search(sentence)] or profile[:2]
    told = [_quoted(f"{who} describes the work so:", " ".join(own[:2]) or None)]
    if any(block.heading for block in material):
        told.append(_quoted("The portfolio lists, among other things:", next(iter(shown[1:] or shown), None)))
        told.append(_quoted("A client writes:", next(iter(reviews), None)))
    parts = [part for part in told if part] or ["The profile does not say enough for a summary."]
    limit = _SENTENCE_LIMIT.search(asked)
    parts = parts[: int(limit.group(1)) if limit else len(parts)]
    return "\n".join(f"- {part}" for part in parts) if "list of bullet points" in asked else " ".join(parts)


def _answer(texts: Sequence[str]) -> str:
    said = sentences(texts[-1:])
    return _joined("Understood.", said[0] if said else None, *_mentions(pseudonyms(texts), _OF_THE_CLIENT, ""))


def _mentions(tokens: Mapping[str, Sequence[str]], wording: Mapping[str, str], already: str) -> list[str]:
    return [
        wording[kind].format(token)
        for kind, of_kind in tokens.items()
        if kind in wording
        for token in of_kind
        if token not in already
    ]


def _one_of(tokens: Mapping[str, Sequence[str]], kinds: Iterable[str]) -> str | None:
    return next((tokens[kind][0] for kind in kinds if kind in tokens), None)


def _quoted(lead: str, sentence: str | None) -> str | None:
    return f"{lead} “{sentence}”" if sentence else None


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)
