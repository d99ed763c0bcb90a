"""Where a sign-in leads: to the page that was asked for, if that is a page of this console."""

import re
from urllib.parse import unquote_plus, urlencode

HOME = "/console"
SIGN_IN = "/console/sign-in"
LONGEST = 2_000
_SEGMENT = r"/(?!\.{1,2}(?:[/?]|\Z))[A-Za-z0-9._~-]+"
"""Nothing encoded, no backslash, no empty segment and none of dots: browsers read those in their own ways."""
_PAGE = re.compile(rf"/console(?:{_SEGMENT})*(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?")
_GATES = re.compile(r"/console/sign-(?:in|out)(?:[/?]|\Z)")
_FILE = re.compile(r"/(?:proof|checkpoint)\Z")
"""A browser that saves a file stays where it was, which would be the sign-in; their pages offer them."""
_REASON = "why"


def landing(asked: str) -> str:
    """``asked``, as a browser sent it; home for whatever is no address of a page here. Without the reason for reading:
    a reading goes on record under whoever signed in, so they choose it on the page, and no link that they followed."""
    if len(asked) > LONGEST or not _PAGE.fullmatch(asked) or _GATES.match(asked):
        return HOME
    path, _, query = asked.partition("?")
    if (page := _FILE.sub("", path)) != path:
        return page
    kept = "&".join(one for one in query.split("&") if unquote_plus(one.partition("=")[0]) != _REASON)
    return f"{path}?{kept}" if kept else path


def way_in(path: str, query: str, *, ended: bool) -> str:
    """The sign-in's address, with the page that was asked for, decoded, and its query as it was sent."""
    page = landing(f"{path}?{query}" if query else path)
    said = {"ended": "1" if ended else "", "to": "" if page == HOME else page}
    told = urlencode({name: value for name, value in said.items() if value})
    return f"{SIGN_IN}?{told}" if told else SIGN_IN
