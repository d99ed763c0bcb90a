"""Handles: what a person is called on a platform."""

from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType

_HANDLE = EntityType("HANDLE")
_PLATFORM = (
    r"telegram|tg|skype|discord|instagram|insta|ig|twitter|snapchat|snap|tiktok|wechat|weixin|kakaotalk|viber|"
    r"signal|threads|"
    r"github|gitlab|linkedin|behance|dribbble|reddit|twitch|upwork|fiverr"
)
_ACCOUNT = (
    r"user ?names?|user ?id|handle|nick ?name|screen ?name|login(?: name)?|gamertag|profile name|account name|"
    r"(?:skype|discord|wechat|line|viber) id"
)
_HINTS = (
    "telegram", "tg", "skype", "discord", "insta", "ig", "twitter", "snap", "tiktok", "wechat", "weixin", "kakao",
    "viber", "signal", "threads", "git", "linkedin", "behance", "dribbble", "reddit", "twitch", "upwork", "fiverr",
    "user", "handle", "nick", "screen", "login", "gamertag", "profile", "account", "line id",
)  # fmt: skip
_VALUE = r"@?(?:live:)?[A-Za-z0-9_][\w.\-]{2,31}(?:#\d{4})?"


def _mention(candidate: Candidate) -> Narrowed | bool:
    value = candidate.value.rstrip(".")
    if value[1:].lower() in word_lists().code_signs or candidate.after.startswith(("/", "(", "{", "@")):
        return False
    return 0, len(value)


def _named(candidate: Candidate) -> Narrowed | bool:
    """After a colon anything that is not an ordinary word; otherwise it must look like an account."""
    value = candidate.value.rstrip(".-")
    lists = word_lists()
    if value.lower() in lists.ordinary or value.lower() in lists.phrases or value.lower().startswith(("http", "www")):
        return False
    return (0, len(value)) if candidate.before.rstrip().endswith(":") or _looks_made_up(value) else False


def _looks_made_up(value: str) -> bool:
    return value.startswith("@") or any(c.isdigit() or c in "_#" for c in value) or "." in value.strip(".")


RULES = (
    Rule(
        entity=_HANDLE,
        expression=r"(?:^|[\s(\[,;:\"'>/|*])(@[A-Za-z0-9_][\w.]{2,29})",
        accept=_mention,
        hints=("@",),
        score=0.9,
    ),
    Rule(
        entity=_HANDLE,
        expression=(
            rf"(?i)\b(?:{_PLATFORM}|{_ACCOUNT})(?: (?:handle|id|account|user ?name|name|is|profile)){{0,2}}\s?"
            rf"(?::|=|\bis\b|-)?\s{{0,2}}[\"'`]?({_VALUE})"
        ),
        accept=_named,
        hints=_HINTS,
        score=0.8,
    ),
    Rule(entity=_HANDLE, expression=r"(?:^|[\s(])(u/[A-Za-z0-9_\-]{3,20})\b", hints=("u/",), score=0.8),
)
