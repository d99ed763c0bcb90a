"""What the small model is asked: invented people, real prompts, and what a right answer holds."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ai_gateway.adapters.catalogue_files import load_catalogue
from ai_gateway.config import read
from ai_gateway.features import PRODUCTION
from ai_gateway.model import FeatureName, Message
from ai_gateway.prompts.prompt import Prompt
from ai_gateway.prompts.render import render

_GIVEN = (
    "Maren",
    "Tobias",
    "Imogen",
    "Rafael",
    "Yusuf",
    "Ottilie",
    "Dana",
    "Kofi",
    "Saskia",
    "Emeka",
    "Priya",
    "Joren",
)
_SURNAMES = ("Holtby", "Okafor", "Vale", "Quillfeather", "Lindqvist", "Marchetti", "Adeyemi", "Brandvold", "Sorensen")
_COMPANIES = ("Brightwater LLC", "Larkspur Cider Inc.", "Petrel Studio GmbH", "Harborline Ltd", "Juniper Works LLC")
_JOBS = (
    ("booking", "We need a booking page where guests pay a deposit. About {number} bookings a month."),
    ("logo", "We need a logo and a colour palette for our labels. We sell {number} bottles a year."),
    ("translation", "We need a translation of our manual, {number} words, from German into English."),
    ("spreadsheet", "We need a spreadsheet that tracks {number} invoices and warns us when one is late."),
    ("video", "We need a short video for our shop, cut from {number} minutes of footage."),
)
_SKILLS = ("Django", "illustration", "bookkeeping", "film editing", "technical writing")
_QUESTIONS = (
    "Write one sentence that introduces {pro} to {client}.",
    "Write a short thank-you note from {pro} to {client} of {company}.",
    "Tell {client} in one sentence that {pro} will call tomorrow.",
    "Repeat exactly: {pro} met {client} at {company}.",
    "Who sent the message? {client} wrote to {pro}: the files are ready. Answer with a name.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``topic``: a word that a right answer holds. ``pro`` writes or is described; ``client`` is written to."""

    kind: str
    messages: tuple[Mapping[str, str], ...] = field(repr=False)
    pro: str = field(repr=False)
    client: str = field(repr=False)
    topic: str = ""


def questions(count: int, seed: int = 1) -> Sequence[Case]:
    """Short free-form prompts that an answer cannot avoid names in."""
    chance = random.Random(seed)
    return [_question(_QUESTIONS[number % len(_QUESTIONS)], chance) for number in range(count)]


def tasks(count: int, seed: int = 2) -> Sequence[Case]:
    """Half drafting, half summarising, in the prompts in production."""
    chance, settings = random.Random(seed), read()
    features = load_catalogue(settings.prompts_folder, settings.policies_folder).features
    drafting = features[FeatureName("proposal_draft")].prompts[PRODUCTION]
    summarising = features[FeatureName("profile_summary")].prompts[PRODUCTION]
    return [_drafting(drafting, chance) if number % 2 else _summarising(summarising, chance) for number in range(count)]


def _people(chance: random.Random) -> tuple[str, str, str]:
    given, surnames = chance.sample(_GIVEN, 2), chance.sample(_SURNAMES, 2)
    return f"{given[0]} {surnames[0]}", f"{given[1]} {surnames[1]}", chance.choice(_COMPANIES)


def _question(words: str, chance: random.Random) -> Case:
    pro, client, company = _people(chance)
    text = words.format(pro=pro, client=client, company=company)
    return Case(kind="question", messages=({"role": "user", "content": text},), pro=pro, client=client)


def _drafting(prompt: Prompt, chance: random.Random) -> Case:
    pro, client, company = _people(chance)
    topic, words = chance.choice(_JOBS)
    job = f"{company}. {words.format(number=chance.randint(200, 9000))} Ask for {client}."
    profile = f"I am {pro}. I have worked with {chance.choice(_SKILLS)} for {chance.randint(3, 15)} years."
    messages, _ = render(prompt, {"job_post": [job], "profile": [profile]}, {"words": 60})
    return Case(kind="drafting", messages=_plain(messages), pro=pro, client=client, topic=topic)


def _summarising(prompt: Prompt, chance: random.Random) -> Case:
    pro, client, company = _people(chance)
    skill, topic = chance.choice(_SKILLS), chance.choice(_JOBS)[0]
    profile = f"{pro} works with {skill}. Nine years for small firms, among them {company}."
    review = f"{pro.split()[0]} delivered our {topic} two days early. {client}"
    texts = {"profile": [profile], "reviews": [review]}
    messages, _ = render(prompt, texts, {"sentences": 2})
    return Case(kind="summarising", messages=_plain(messages), pro=pro, client=client, topic=skill)


def _plain(messages: Sequence[Message]) -> tuple[Mapping[str, str], ...]:
    return tuple({"role": message.role, "content": message.content} for message in messages)
