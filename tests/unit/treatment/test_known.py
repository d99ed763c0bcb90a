"""The variants of what the marketplace knows, in a table: what is told, what is written, what is found."""
# ruff: noqa: RUF001  letters that look alike are what is tested

import pytest

from ai_gateway.adapters.word_lists import word_lists
from ai_gateway.model import Known, SubjectId
from ai_gateway.ports import Party
from ai_gateway.treatment import known
from ai_gateway.treatment.normalize import folded
from ai_gateway.treatment.words import read

LISTS = word_lists()
PRO, CLIENT = SubjectId("pro_17"), SubjectId("cli_9")


def found(text: str, *parties: Party) -> list[tuple[str, str]]:
    index = known.index(parties, LISTS)
    spans = known.find(text, read(folded(text)), index)
    return [(span.entity, text[span.start : span.end]) for span in spans]


def values(text: str, told: Known) -> set[str]:
    return {value for _, value in found(text, Party(PRO, told))}


def spellings_of(parties: list[Party]) -> frozenset[str]:
    return known.spellings(parties, known.index(parties, LISTS))


@pytest.mark.parametrize(
    "written",
    [
        "Dana Okafor", "DANA OKAFOR", "dana okafor", "Dana  Okafor", "Dana\nOkafor", "Dana-Okafor", "dana.okafor",
        "dana_okafor", "Okafor, Dana", "D. Okafor", "d okafor", "Dana O", "DanaOkafor", "dokafor", "Dana", "Okafor",
        "Dаnа Оkаfоr", "Dàna Ökafor", "Da\u200bna Okafor", "Ｄana Okafor",
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_written(written: str) -> None:
    assert written in values(f"I asked {written}; yes", Known(names=("Dana Okafor",)))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Robert Smythe", "Bob"),
        ("Robert Smythe", "Rob Smythe"),
        ("Sean O'Neill", "Oneill"),
        ("Sean O'Neill", "O’Neill"),
        ("Anne-Marie Dupont", "Anne Marie"),
        ("Anne-Marie Dupont", "Annemarie"),
        ("Anne-Marie Dupont", "Dupont"),
        ("Jürgen Müller", "Juergen Mueller"),
        ("Juergen Mueller", "Jürgen Müller"),
        ("Иван Петров", "Ivan Petrov"),
        ("Иван Петров", "Петров"),
        ("Wim van der Berg", "W. van der Berg"),
        ("Wim van der Berg", "van der Berg"),
        ("Dana Ngozi Okafor", "Dana N. Okafor"),
        ("Dana Ngozi Okafor", "Dana Okafor"),
        ("Dr. Dana Okafor", "Dana Okafor"),
        ("Dr. Dana Okafor", "Dr. Dana Okafor"),
        ("Dr. Dana Ngozi Okafor", "Dr Okafor"),
        ("Mr. Okafor", "Mr. Okafor"),
        ("Li Wu", "Wu"),
        ("王小明", "王小明"),
        ("王小明", "小明"),
        ("김민수", "민수"),
    ],
)
def test_parts_nicknames_initials_and_transliterations_are_found(name: str, written: str) -> None:
    assert written in values(f"Then {written} said", Known(names=(name,)))


def test_a_name_is_found_inside_a_sentence_of_a_script_without_spaces() -> None:
    assert "王小明" in values("我叫王小明，你好", Known(names=("王小明",)))


def test_a_possessive_stays_outside_the_name() -> None:
    assert values("Okafor's and Okafor’s", Known(names=("Dana Okafor",))) == {"Okafor"}


@pytest.mark.parametrize("text", ["Danaher said", "an Okaforian idea", "banana", "bandana okaforx"])
def test_only_whole_words_count(text: str) -> None:
    assert values(text, Known(names=("Dana Okafor",))) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("will you come? It will work, you may", set()),
        ("Will you come?", set()),
        ("I asked Will about it", {"Will"}),
        ("Will, can you come?", {"Will"}),
        ("hey will, can you", {"will"}),
        ("Thanks a lot!\nwill", {"will"}),
        ("Yours, WILL", {"WILL"}),
        ("will hunting-ton called", {"hunting-ton", "will hunting-ton"} - {"hunting-ton"}),
    ],
)
def test_a_name_that_is_an_ordinary_word_counts_where_it_is_written_as_a_name(text: str, expected: set[str]) -> None:
    assert values(text, Known(names=("Will Hunting-Ton",))) >= expected
    if not expected:
        assert values(text, Known(names=("Will Hunting-Ton",))) == set()


@pytest.mark.parametrize(
    "written",
    [
        "dana@okafor.example", "DANA@OKAFOR.EXAMPLE", "dana @ okafor.example", "dana at okafor dot example",
        "dana (at) okafor (dot) example",
    ],
)  # fmt: skip
def test_an_email_address_is_found_plain_or_spelled_out(written: str) -> None:
    assert ("EMAIL_ADDRESS", written) in [
        (entity, value) for entity, value in found(f"at: {written}", Party(PRO, Known(emails=("dana@okafor.example",))))
    ]


def test_a_mailbox_that_tells_of_somebody_and_their_own_domain_are_found_alone() -> None:
    told = Known(emails=("danabuilds77@okafor.example", "info@okafor.example", "d.okafor9@gmail.com"))
    assert values("danabuilds77 and okafor.example", told) == {"danabuilds77", "okafor.example"}
    assert values("for info use gmail.com", told) == set()


@pytest.mark.parametrize(
    "written",
    [
        "+1 555 010 0199", "+1 (555) 010-0199", "(555) 010-0199", "5550100199", "555.010.0199", "15550100199",
        "001 555 010 0199", "5 5 5 0 1 0 0 1 9 9", "+1 555-010-0199", "＋１ ５５５ ０１０ ０１９９",
    ],
)  # fmt: skip
def test_a_phone_number_is_found_in_any_layout(written: str) -> None:
    assert len(values(f"Call {written} now", Known(phones=("+1 555 010 0199",)))) == 1
    value = values(f"Call {written} now", Known(phones=("+1 555 010 0199",))).pop()
    assert value.strip("+＋(") == written.strip("+＋(")


def test_a_phone_number_is_found_twice_and_without_its_area() -> None:
    told = Known(phones=("+1 555 010 0199",))
    assert values("010-0199, or", told) == {"010-0199"}
    assert len(found("5550100199 / 555-010-0199", Party(PRO, told))) == 2


@pytest.mark.parametrize("text", ["order 55501001", "12 555 01", "010 0198", "2024-05-01"])
def test_other_numbers_are_not_a_known_phone(text: str) -> None:
    assert values(text, Known(phones=("+1 555 010 0199",))) == set()


@pytest.mark.parametrize(
    ("told", "written"),
    [
        (Known(handles=("danabuilds",)), "@danabuilds"),
        (Known(handles=("@danabuilds",)), "danabuilds"),
        (Known(handles=("dana_builds",)), "dana-builds"),
        (Known(handles=("dana_builds",)), "danabuilds"),
        (Known(handles=("cloud",)), "@cloud"),
        (Known(organizations=("Brightwater LLC",)), "Brightwater"),
        (Known(organizations=("Brightwater LLC",)), "BRIGHTWATER, L.L.C"),
        (Known(organizations=("The Bright Water Group",)), "BrightWater"),
        (Known(organizations=("Smythe & Sons",)), "Smythe and Sons"),
        (Known(organizations=("Bright Water Labs Inc",)), "BWL"),
        (Known(organizations=("Müller GmbH",)), "Mueller"),
        (Known(organizations=("Design Studio Ltd",)), "Design Studio"),
        (Known(urls=("https://www.okafor.example/work",)), "okafor.example"),
        (Known(urls=("https://github.com/danabuilds",)), "github.com/danabuilds"),
        (Known(urls=("https://github.com/danabuilds",)), "danabuilds"),
        (Known(addresses=("12 Elm Street, Springfield, IL 62704",)), "12 Elm St"),
        (Known(addresses=("12 Elm Street, Springfield, IL 62704",)), "12 elm street springfield IL 62704"),
    ],
)
def test_handles_companies_links_and_addresses_are_found(told: Known, written: str) -> None:
    assert written in values(f"see {written} there", told)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (Known(handles=("cloud",)), "the cloud is"),
        (Known(organizations=("Design Studio Ltd",)), "a design studio"),
        (Known(urls=("https://github.com/danabuilds",)), "on github.com today"),
        (Known(organizations=("Bright Water Labs Inc",)), "the bwl thing"),
    ],
)
def test_ordinary_words_and_shared_hosts_are_not_identifiers(told: Known, text: str) -> None:
    assert values(text, told) == set()


def test_a_span_says_whose_it_is_and_nobodys_when_two_share_it() -> None:
    parties = [Party(PRO, Known(names=("Dana Lee",))), Party(CLIENT, Known(names=("Samir Lee",)))]
    text = "Dana, Samir and Lee"
    spans = known.find(text, read(folded(text)), known.index(parties, LISTS))
    assert {text[s.start : s.end]: s.subject for s in spans} == {"Dana": PRO, "Samir": CLIENT, "Lee": None}


def test_spellings_hold_what_is_always_found_and_nothing_that_depends_on_the_writing() -> None:
    spellings = spellings_of([Party(PRO, Known(names=("Will Okafor",), phones=("+1 555 010 0199",)))])
    assert {"will okafor", "okafor", "w okafor", "willokafor", "15550100199"} <= spellings
    assert "will" not in spellings


def test_every_spelling_is_found_when_it_is_written() -> None:
    told = Known(
        names=("Dana Ngozi Okafor", "Robert O'Neill"),
        emails=("dana@okafor.example",),
        phones=("+1 555 010 0199",),
        handles=("dana_builds", "cloud"),
        organizations=("Brightwater LLC",),
        urls=("https://github.com/danabuilds",),
        addresses=("12 Elm Street, Springfield",),
    )
    for spelling in spellings_of([Party(PRO, told)]):
        assert found(f"x: {spelling} ;", Party(PRO, told)), len(spelling)


def test_empty_identifiers_are_nobodys() -> None:
    told = Known(
        names=("", " ", "."), emails=("", "@"), phones=("", "12"), handles=("@",), organizations=("",), urls=("",)
    )
    assert spellings_of([Party(PRO, told)]) == frozenset()
    assert values("anything @ all 12 .", told) == set()


def test_an_index_does_not_show_its_identifiers() -> None:
    assert "okafor" not in repr(known.index([Party(PRO, Known(names=("Dana Okafor",), phones=("5550100199",)))], LISTS))


@pytest.mark.parametrize(
    ("told", "written"),
    [
        (Known(emails=("dana at okafor",)), "dana at okafor"),
        (Known(phones=("ext. 4417",)), "ext 4417"),
        (Known(phones=("55501",)), "55501"),
    ],
)
def test_what_is_no_address_and_no_number_is_found_as_it_is_written(told: Known, written: str) -> None:
    assert written in values(f"Then {written} again", told)


@pytest.mark.parametrize("told", [Known(emails=("email",)), Known(phones=("phone number",)), Known(phones=("2024",))])
def test_what_tells_of_nobody_is_not_looked_for(told: Known) -> None:
    assert values("my email, the phone number of 2024", told) == set()
