"""Handles: what a person is called on a platform, in a system's files and logs, in somebody's books."""

from ai_gateway.adapters.patterns.rule import Candidate, Narrowed, Rule
from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import EntityType
from ai_gateway.treatment.lexicon import is_common

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
_NOBODYS_FOLDERS = frozenset(
    """
    shared public default admin administrator root user users guest ubuntu runner node app git www www-data postgres
    ec2-user null none true false system anonymous unknown support customer client customer1 agent bot me you us
    page left right
    """.split()  # noqa: SIM905  words read best as words
)
_ELEMENTS = frozenset(
    """
    a abbr article aside audio b blockquote body br button caption code col dd div dl dt em fieldset figure footer form
    h1 h2 h3 h4 h5 h6 head header hr html i iframe img input label legend li link main meta nav ol option p pre script
    section select small span strong style sub sup svg table tbody td textarea tfoot th thead title tr u ul video
    """.split()  # noqa: SIM905  words read best as words
)
_FILE_ENDINGS = (
    ".js", ".ts", ".py", ".md", ".txt", ".pdf", ".png", ".jpg", ".jpeg", ".csv", ".json", ".yaml", ".yml", ".html",
    ".css", ".php", ".zip", ".docx", ".xlsx", ".com", ".org", ".net", ".io", ".ai", ".gif", ".svg", ".mp4", ".psd",
    ".exe", ".xml", ".sql", ".go", ".rs",
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


def _called(candidate: Candidate) -> Narrowed | bool:
    """Small letters that are no word, or what looks like an account; ``Dana Okafor`` is a name."""
    value, lists = candidate.value.rstrip(".-"), word_lists()
    word = value.lower()
    if word in lists.phrases or word in lists.ordinary or is_common(word, lists) or candidate.after.startswith("/"):
        return False
    return (0, len(value)) if value.islower() or _looks_made_up(value) else False


def _looks_made_up(value: str) -> bool:
    return value.startswith("@") or any(c.isdigit() or c in "_#" for c in value) or "." in value.strip(".")


def _in_a_file(candidate: Candidate) -> bool:
    """A value of a record: anything that is no everyday word, nor a role or term."""
    value, lists = candidate.value.lower().rstrip("."), word_lists()
    return not (value in lists.phrases or value in _NOBODYS_FOLDERS or is_common(value, lists) or value.isdigit())


def _speaks(candidate: Candidate) -> bool:
    """Neither a placeholder of the gateway's own form nor an element of a page."""
    value = candidate.value.lower()
    placeholder = candidate.value.isupper() and value.rpartition("_")[2].isdigit()
    return not (placeholder or value in _ELEMENTS or is_common(value, word_lists()))


def _made_up(candidate: Candidate) -> Narrowed | bool:
    """No word and no name: it has a digit, a dot or an underscore in it."""
    value = candidate.value.rstrip(".-")
    lists = word_lists()
    if value.lower() in lists.phrases or value.lower().endswith(_FILE_ENDINGS) or not any(c.isalpha() for c in value):
        return False
    mixed = "_" in value or "." in value or (any(c.isdigit() for c in value) and value[0].isalpha())
    pieces = value.lower().replace(".", "-").replace("_", "-").split("-")
    return (0, len(value)) if mixed and not all(is_common(piece, lists) for piece in pieces) else False


RULES = (
    Rule(
        entity=_HANDLE,
        expression=r"(?:^|[\s(\[,;:\"'>/|*])(@[A-Za-z0-9_][\w.]{2,29})",
        accept=_mention,
        score=0.9,
    ),
    Rule(
        entity=_HANDLE,
        expression=(
            rf"(?i)\b(?:{_PLATFORM}|{_ACCOUNT})(?: (?:handle|id|account|user ?name|name|is|profile)){{0,2}}\s?"
            rf"(?::|=|\bis\b|-)?\s{{0,2}}[\"'`]?({_VALUE})"
        ),
        accept=_named,
        score=0.8,
    ),
    Rule(  # on Telegram as wombatdon
        entity=_HANDLE,
        expression=rf"(?i)\b(?:on|over|via) (?:{_PLATFORM}),? (?:as|under|it's|i'm|im) [\"'`]?({_VALUE})",
        accept=_called,
        score=0.75,
    ),
    Rule(entity=_HANDLE, expression=r"(?:^|[\s(])(u/[A-Za-z0-9_\-]{3,20})\b", score=0.8),
    Rule(  # FrostyWaffle#5501
        entity=_HANDLE,
        expression=r"(?:^|[^\w#@])([A-Za-z0-9_][\w.]{1,31}#\d{4})(?:$|[^\w])",
        accept=lambda c: any(ch.isalpha() for ch in c.value),
        digits=4,
        score=0.85,
    ),
    Rule(  # user=o.salvatierra · "author": "ines.dev" · login failed for nadia_k
        entity=_HANDLE,
        expression=(
            r"(?i)(?:^|[^\w])(?:user(?:_?name|_?id)?|login|author|committer|owner|assignee|reporter|uid|nick|account|acct|from|usr|"
            r"by user|for user|failed for|logged in as|signed in as|log in as|login as)[\"']?\s{0,2}[=:]\s{0,2}[\"']?"
            r"([A-Za-z0-9][\w.\-]{2,31})(?:$|[^\w@.])"
        ),
        accept=_in_a_file,
        score=0.8,
    ),
    Rule(  # the account tinytoesmedia · made an account as wd1951 · logged in as petra_admin
        entity=_HANDLE,
        expression=(
            r"(?i)\b(?:accounts?|user ?name|user|nick(?:name)?|handle|profile|login|contact)(?: name)?(?:'s)?"
            r"(?: is| as|:| called| named| of| under)?"
            r" ?[\"'(`]{0,2}([A-Za-z0-9][\w.\-]{2,31})"
        ),
        accept=_made_up,
        score=0.75,
    ),
    Rule(  # pixelgoblin on discord · as inkwell.ida on here
        entity=_HANDLE,
        expression=(
            rf"(?i)(?:^|[\s(\"'])([A-Za-z0-9][\w.\-]{{2,31}})[\"')]? (?:on|at|in|@|via|over) "
            rf"(?:{_PLATFORM}|here|there)\b"
        ),
        accept=_made_up,
        score=0.75,
    ),
    Rule(  # <zed_> at the head of a line of chat
        entity=_HANDLE,
        expression=r"(?m)^(?:\[?\d{1,2}:\d{2}(?::\d{2})?\]? )?<[ @+%~&]?([A-Za-z_][\w\-\[\]|]{1,30})> ",
        accept=_speaks,
        score=0.85,
    ),
    Rule(  # [2024-05-02 14:31] lmontoya: …
        entity=_HANDLE,
        expression=r"(?m)^\[?(?:\d{4}-\d{2}-\d{2}[ T])?\d{1,2}:\d{2}(?::\d{2})?\]?[ \-]{1,3}([a-z][\w.\-]{2,31}):\s",
        accept=_in_a_file,
        digits=2,
        score=0.8,
    ),
    Rule(
        entity=_HANDLE,
        expression=r"(?:/home/|/Users/|\\Users\\|/~)([A-Za-z0-9_][\w.\-]{1,31})",
        accept=lambda c: c.value.lower() not in _NOBODYS_FOLDERS,
        score=0.85,
    ),
    Rule(  # customer no. 123456 · Patient ID: 12345
        entity=_HANDLE,
        expression=(
            r"(?i)(?:^|[^\w])(?:customer|client|patient|student|member(?:ship)?|employee|staff|subscriber|"
            r"subscription|policy ?holder|"
            r"account holder|applicant|candidate|user|loyalty|frequent flyer|kunden?|client[ea]|"
            r"matricula)(?:[ \-]?(?:id|no|number|nr|"
            r"num|nummer|numero|code))\b[^\w\n]{0,4}(?:is |was |= ?)?([A-Z]{0,5}[\-]?\d[A-Z0-9\-]{2,17})(?:$|[^\w])"
        ),
        digits=1,
        score=0.85,
    ),
)
