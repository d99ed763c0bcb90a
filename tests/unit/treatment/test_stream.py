# ruff: noqa: RUF001  look-alike characters are what is tested

import pytest

from ai_gateway.model import EntityType, Pseudonym, SubjectId
from ai_gateway.treatment.placeholder import LONGEST
from ai_gateway.treatment.stream import Restorer, restore

PERSON = EntityType("PERSON")
TOLD = {
    "<CLIENT_1>": "Sam Lee",
    "<CLIENT_1_FIRST>": "Sam",
    "<CLIENT_10>": "Ada Byron",
    "<PERSON_1>": "<CLIENT_1>",
    "<EMAIL_1>": "sam.lee@brightwater.example",
    "<URL_1>": r"C:\lee & <co>",
}
PSEUDONYMS = [
    Pseudonym(token=token, entity=PERSON, value=value, subject=SubjectId("x")) for token, value in TOLD.items()
]


def restored(text: str, tokens: frozenset[str] = frozenset(TOLD)) -> str:
    return restore(text, Restorer(PSEUDONYMS, tokens))


@pytest.mark.parametrize(
    "written",
    [
        "<CLIENT_1>",
        "<client_1>",
        "<Client_1>",
        "< CLIENT_1 >",
        "<CLIENT 1>",
        "<CLIENT-1>",
        "<CLIENT1>",
        r"<CLIENT\_1>",
        r"\<CLIENT\_1\>",
        r"\<CLIENT\_1>",
        "&lt;CLIENT_1&gt;",
        "&LT;CLIENT_1&GT;",
        "%3CCLIENT_1%3E",
        r"\u003cCLIENT_1\u003e",
        "＜CLIENT_1＞",
        "‹CLIENT_1›",
        "<CLIENT_1/>",
        "[CLIENT_1]",
        "[Client 1]",
        r"\[CLIENT_1\]",
        "CLIENT_1",
        r"CLIENT\_1",
        "<CLIENT_1_FULL>",
    ],
)
def test_what_models_do_to_a_pseudonym_is_tolerated(written: str) -> None:
    assert restored(f"Dear {written}, hello") == "Dear Sam Lee, hello"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("<CLIENT_1>'s site", "Sam Lee's site"),
        ("**<CLIENT_1>**", "**Sam Lee**"),
        ("_<CLIENT_1>_", "_Sam Lee_"),
        ('"<CLIENT_1>"', '"Sam Lee"'),
        ("`CLIENT_1`", "`Sam Lee`"),
        ("(CLIENT_1)", "(Sam Lee)"),
        ("<<CLIENT_1>>", "<Sam Lee>"),
        ("<CLIENT_1_FIRST> of <CLIENT_1>", "Sam of Sam Lee"),
        ("<client 1 first>", "Sam"),
        ("<CLIENT_1_LAST>", "Sam Lee"),
        ("<CLIENT_1><CLIENT_10>", "Sam LeeAda Byron"),
        ("CLIENT_10 CLIENT_1.", "Ada Byron Sam Lee."),
        (r"C:\Users\<CLIENT_1_FIRST>\x", r"C:\Users\Sam\x"),
        ("[CLIENT_1](<URL_1>)", r"[Sam Lee](C:\lee & <co>)"),
        ("<CLIENT_1 and more", "<Sam Lee and more"),
    ],
)
def test_pseudonyms_come_back_inside_any_writing(reply: str, expected: str) -> None:
    assert restored(reply) == expected


@pytest.mark.parametrize(
    "reply",
    [
        "Our client 1 and Client 1 said",
        "client_1",
        "MYCLIENT_1 CLIENT_1x CLIENT_1_2 xCLIENT_1",
        "<CLIENT_01> <CLIENT_2> <CLIENT_100>",
        "<CLIENT_1_EMAIL>",
        "<CLIENT> CLIENT_ <_1>",
        "a < b && c > d; 5 < 6 [1] [see 2] 100% R&D",
        "<div class='x'>&amp;</div>",
        "CLIENT_1_FIRST_",
        "",
    ],
)
def test_what_only_resembles_a_pseudonym_stays_as_it_is(reply: str) -> None:
    assert restored(reply) == reply


def test_a_restored_value_is_not_read_again() -> None:
    assert restored("<PERSON_1>") == "<CLIENT_1>"


def test_pseudonyms_of_people_the_actor_may_not_see_stay() -> None:
    seen = frozenset({"<EMAIL_1>"})
    assert restored("<CLIENT_1> CLIENT_1_FIRST <CLIENT_1_LAST> <EMAIL_1>", seen) == (
        "<CLIENT_1> CLIENT_1_FIRST <CLIENT_1_LAST> sam.lee@brightwater.example"
    )


def test_a_form_that_is_hidden_does_not_fall_back_to_its_stem() -> None:
    assert restored("<CLIENT_1_FIRST>", frozenset({"<CLIENT_1>"})) == "<CLIENT_1_FIRST>"


def test_what_was_restored_is_counted() -> None:
    restorer = Restorer(PSEUDONYMS, frozenset(TOLD))
    restore("<CLIENT_1> <CLIENT_1> <CLIENT_7> CLIENT_10", restorer)
    assert restorer.restored == 3


REPLIES = [
    r"< Client 1 >, (CLIENT_1) wrote to \<EMAIL\_1\> and &lt;CLIENT_10&gt;; [CLIENT_1](x) [CLIENT_1] %3CPERSON_1%3E.",
    r"NASA CLIENT\_1\_FIRST, \u003cCLIENT_1\u003e <CLIENT_1/> <CLIENT_1 x CLIENT_1",
    r"ends in <CLIENT_1_FIRST",
    "ends in CLIENT_1",
    "ends in \\",
    "＜CLIENT_1＞ 名前 <client_1_first>🙂<CLIENT_10>é<CLIENT_1>",
]


@pytest.mark.parametrize("reply", REPLIES)
def test_every_split_gives_what_the_whole_gives(reply: str) -> None:
    whole = restored(reply)
    for first in range(len(reply) + 1):
        for second in range(first, len(reply) + 1):
            restorer = Restorer(PSEUDONYMS, frozenset(TOLD))
            pieces = (reply[:first], reply[first:second], reply[second:])
            assert "".join(map(restorer.feed, pieces)) + restorer.finish() == whole


@pytest.mark.parametrize("reply", [*REPLIES, "<" * 300, "C" * 300, "[" + " " * 300, "<client" + "_" * 300, "\\" * 300])
def test_no_more_is_held_back_than_the_longest_writing(reply: str) -> None:
    restorer = Restorer(PSEUDONYMS, frozenset(TOLD))
    for character in reply:
        restorer.feed(character)
        assert restorer.held <= LONGEST


def test_ordinary_prose_is_given_out_at_once() -> None:
    restorer = Restorer(PSEUDONYMS, frozenset(TOLD))
    assert restorer.feed("Hello there, ") == "Hello there, "
    assert restorer.feed("I am 5 < 6 sure") == "I am 5 < 6 sure"
    assert restorer.feed("Cl") == "Cl"


def test_a_reply_without_pseudonyms_passes_untouched() -> None:
    restorer = Restorer([], frozenset())
    assert restorer.feed("<CLIE") == "<CLIE"
    assert restorer.finish() == ""


def test_it_tells_where_a_place_of_the_text_stands_now() -> None:
    text = "a <CLIENT_1> b <CLIENT_10>, c"
    restorer = Restorer(PSEUDONYMS, TOLD)
    now = restore(text, restorer)
    for word in ("a ", " b ", ", c"):
        place = restorer.place(text.index(word))
        assert place is not None
        assert now[place:].startswith(word)
    within = restorer.place(5)
    assert within is not None
    assert now[:within] == "a Sam Lee"
    assert restorer.place(len(text)) == len(now)
    restorer.feed("<CLIENT_1> x")
    assert restorer.place(11) == len("Sam Lee ")


def test_places_are_told_alike_however_the_text_arrives() -> None:
    text = r"CLIENT_1, [CLIENT_1], \<CLIENT_1>: \<client\_1\>; &lt;CLIENT_10&gt; < and <CLIENT_"
    whole = Restorer(PSEUDONYMS, TOLD)
    restore(text, whole)
    for cut in range(len(text)):
        restorer = Restorer(PSEUDONYMS, TOLD)
        restorer.feed(text[:cut])
        restorer.feed(text[cut:])
        restorer.finish()
        assert [restorer.place(at) for at in range(len(text) + 1)] == [whole.place(at) for at in range(len(text) + 1)]


def test_what_is_known_of_places_does_not_grow_with_the_text() -> None:
    restorer = Restorer(PSEUDONYMS, TOLD)
    for _ in range(1_001):
        restorer.feed("<CLIENT_1> ")
    assert restorer.place(11) == 8
    assert restorer.place(11 * 1_000 - 1) == 8 * 1_000 - 1
    assert restorer.place(11 * 1_001) is None
