"""How people write e-mail addresses, handles and links: with and without what stands around the telling part."""

from collections.abc import Iterator

from ai_gateway.model import EntityType
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.words import split

_EMAIL, _HANDLE, _URL = EntityType("EMAIL_ADDRESS"), EntityType("HANDLE"), EntityType("URL")
_SHORTEST_HANDLE, _SHORTEST_MAILBOX = 4, 5
_GENERIC_MAILBOXES = frozenset(
    """
    info contact hello admin sales support office mail team help jobs careers billing accounts accounting noreply
    service enquiries inquiries marketing press media hiring recruiting webmaster postmaster newsletter orders bookings
    reception
    """.split()  # noqa: SIM905  words read best as words
)

Told = tuple[tuple[str, ...], EntityType]


def email_words(email: str, lists: WordLists) -> Iterator[Told]:
    """The address, plain and spelled out; its mailbox, if that tells of somebody; its domain, if it is their own."""
    mailbox, _, domain = fold(email.strip()).rpartition("@")
    local, host = split(mailbox), split(domain)
    if not local or not host:
        return
    dotted = split(domain.replace(".", " dot "))
    yield (*local, *host), _EMAIL
    yield (*local, "at", *dotted), _EMAIL
    yield (*split(mailbox.replace(".", " dot ")), "at", *dotted), _EMAIL
    if _is_telling("".join(local), local, lists):
        yield local, _HANDLE
    if domain not in lists.mail_providers and domain not in lists.platforms and len(host) > 1:
        yield host, _URL


def _is_telling(joined: str, words: tuple[str, ...], lists: WordLists) -> bool:
    if joined in _GENERIC_MAILBOXES or len(joined) < _SHORTEST_MAILBOX:
        return False
    return not lists.ordinary.issuperset(words)


def handle_words(handle: str) -> Iterator[tuple[str, ...]]:
    words = split(fold(handle.strip().lstrip("@")))
    yield words
    if len(words) > 1:
        yield ("".join(words),)


def url_words(url: str, lists: WordLists) -> Iterator[Told]:
    """The link without its scheme; the host, or on a platform the account."""
    bare = fold(url.strip())
    bare = (bare.partition("://")[2] or bare).removeprefix("www.").rstrip("/")
    host, _, path = bare.partition("/")
    yield split(bare), _URL
    if host not in lists.platforms:
        if len(split(host)) > 1:
            yield split(host), _URL
        return
    account = split(path.partition("?")[0].rpartition("/")[2])
    if account and len("".join(account)) >= _SHORTEST_HANDLE and not lists.ordinary.issuperset(account):
        yield account, _HANDLE
