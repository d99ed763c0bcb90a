"""What the stand-in answers: plausible prose in whole sentences that uses the pseudonyms it was given.

Deterministic, so that a test can rely on it; every word comes from here or from the prompt.
"""

import re
from collections.abc import Sequence

from ai_gateway.standin.reading import Turn, first, pseudonyms, sentences

_NEED = re.compile(r"\b(?:need|needs|looking for|want|wants|seek|seeking|require|build|help us)\b", re.IGNORECASE)
_EXPERIENCE = re.compile(
    r"\bI(?:'m| am| have|'ve| build| write| design| develop| work| lead| translate| speciali[sz]e)\b"
)
_TIMING = re.compile(r"\b(?:deadline|weeks?|months?|by (?:the )?end|start|launch|hours?)\b", re.IGNORECASE)

_AUTHORS = ("PROFESSIONAL", "INDEPENDENT_PROFESSIONAL", "FREELANCER", "AGENCY", "AGENCY_MEMBER")
_ADDRESSEES = ("CLIENT", "CONTACT")
_MENTIONS = {
    "ORGANIZATION": "I would be glad to do this for {}.",
    "PERSON": "I am happy to include {} in our first call.",
    "EMAIL": "You will have the plan in writing at {}.",
    "EMAIL_ADDRESS": "You will have the plan in writing at {}.",
    "PHONE": "For a short call, {} works for me.",
    "PHONE_NUMBER": "For a short call, {} works for me.",
    "URL": "I have had a look at {}.",
    "LOCATION": "The hours in {} suit me well.",
    "ADDRESS": "I have noted {} for anything that needs to be on paper.",
    "HANDLE": "You will find me as {}.",
}
_MOST_MENTIONS = 6

_TO_THIRD_PERSON = (
    (re.compile(r"\bI(?:'m| am)\b"), "The professional is"),
    (re.compile(r"\bI(?:'ve| have)\b"), "The professional has"),
    (re.compile(r"\bI ([a-z]+[^s\s])\b(?! (?:been|had))"), r"The professional \1s"),
    (re.compile(r"\b[Mm]y\b"), "their"),
    (re.compile(r"\bme\b"), "them"),
)
_SUMMARY_SENTENCES = 3


def write(turns: Sequence[Turn]) -> str:
    """The reply to a prompt: a proposal, a summary, or a short answer, by what the instructions ask for."""
    instructions = " ".join(turn.text for turn in turns if turn.role == "system").lower() or turns[0].text.lower()
    texts = [turn.text for turn in turns if turn.role != "system"]
    if instructions.count("summar") > instructions.count("proposal"):
        return _summary(texts)
    if "proposal" in instructions:
        return _proposal(texts)
    return _answer(texts)


def _proposal(texts: Sequence[str]) -> str:
    tokens, said = pseudonyms(texts), sentences(texts)
    need, experience, timing = first(said, _NEED), first(said, _EXPERIENCE), first(said, _TIMING)
    opening = ["thank you for your post."]
    if need is not None:
        opening.append(f"What I take from it: “{need}”")
    if experience is not None:
        opening.append(f"This is close to what I do. {experience}")
    plan = ["I suggest a small first milestone, so that you can judge my work early, and agreed steps from there."]
    if timing is not None and timing not in (need, experience):
        plan.append(f"On timing I have noted: “{timing}”")
    plan.extend(_mentions(tokens, "".join([*opening, *plan])))
    greeting = f"Hello {_one_of(tokens, _ADDRESSEES) or 'there'},"
    farewell = f"Kind regards,\n{_one_of(tokens, _AUTHORS) or 'your applicant'}"
    return "\n\n".join([greeting, " ".join(opening), " ".join(plan), farewell])


def _summary(texts: Sequence[str]) -> str:
    said = sentences(texts)
    about_themselves = [sentence for sentence in said if _EXPERIENCE.search(sentence)] or said
    told = " ".join(_third_person(sentence) for sentence in about_themselves[:_SUMMARY_SENTENCES])
    return told or "The profile does not say enough for a summary."


def _answer(texts: Sequence[str]) -> str:
    said = sentences(texts[-1:])
    mentioned = " ".join(_mentions(pseudonyms(texts), ""))
    return " ".join(part for part in ("Understood.", said[0] if said else "", mentioned) if part)


def _mentions(tokens: dict[str, list[str]], already: str) -> list[str]:
    told = [
        _MENTIONS[kind].format(token)
        for kind, of_kind in tokens.items()
        if kind in _MENTIONS
        for token in of_kind
        if token not in already
    ]
    return told[:_MOST_MENTIONS]


def _one_of(tokens: dict[str, list[str]], kinds: Sequence[str]) -> str | None:
    return next((tokens[kind][0] for kind in kinds if kind in tokens), None)


def _third_person(sentence: str) -> str:
    for pattern, instead in _TO_THIRD_PERSON:
        sentence = pattern.sub(instead, sentence)
    return sentence[:1].upper() + sentence[1:]
