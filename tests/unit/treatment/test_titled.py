import pytest

from ai_gateway.model import EntityType, Pseudonym
from ai_gateway.treatment.placeholder import LONGEST
from ai_gateway.treatment.stream import Restorer, restore, said_twice
from ai_gateway.treatment.titled import titled

PERSON = EntityType("PERSON")
TOLD = {
    "<PERSON_1>": "Dr. Okafor",
    "<PERSON_2>": "Prof. Dr. Jane Okafor",
    "<PERSON_3>": "Miss Vale",
    "<PERSON_4>": "D\u200br. Lee",
    "<PERSON_5>": "dr quill",
    "<PERSON_6>": "Sam Dr",
    "<PERSON_7>": "Dr. Dr. Winter",
    "<PERSON_8>": "Herr Winter",
    "<PERSON_10>": "Mr. Dr. Okafor",
    "<PERSON_11>": "Sr. Gomez",
    "<CLIENT_1>": "Juan Garcia",
}
PSEUDONYMS = [Pseudonym(token=token, entity=PERSON, value=value, subject=None) for token, value in TOLD.items()]


def restored(text: str) -> str:
    return restore(text, Restorer(PSEUDONYMS, TOLD))


SAID_ONCE = [
    ("Dear Dr. <PERSON_1>,", "Dear Dr. Okafor,"),
    ("Dear <PERSON_1>,", "Dear Dr. Okafor,"),
    ("Dear Mr. <PERSON_1>,", "Dear Mr. Dr. Okafor,"),
    ("Dear dr <PERSON_1>,", "Dear dr Okafor,"),
    ("DR. <PERSON_1>", "DR. Okafor"),
    ("Dr.<PERSON_1> and Dr.\u00a0<PERSON_1>", "Dr.Okafor and Dr.\u00a0Okafor"),
    ("**Dr. <PERSON_1>**, Dr. **<PERSON_1>**, **Dr.** <PERSON_1>", "**Dr. Okafor**, Dr. **Okafor**, **Dr.** Okafor"),
    ("Dr. [person 1], Dr. PERSON_1; Dr. <PERSON_1_LAST>", "Dr. Okafor, Dr. Okafor; Dr. Okafor"),
    ("Prof. Dr. <PERSON_2>", "Prof. Dr. Jane Okafor"),
    ("Prof. <PERSON_2>, Dr. <PERSON_2>", "Prof. Dr. Jane Okafor, Dr. Prof. Dr. Jane Okafor"),
    ("Dr. Prof. <PERSON_2>", "Dr. Prof. Jane Okafor"),
    ("Herr Dr. <PERSON_8>, Frau Prof. <PERSON_2>", "Herr Dr. Winter, Frau Prof. Dr. Jane Okafor"),
    ("Mr. <PERSON_10>, Mr. Dr. <PERSON_10>", "Mr. Dr. Okafor, Mr. Dr. Okafor"),
    ("Sr. <PERSON_11>, el Sr. <PERSON_11>", "Sr. Gomez, el Sr. Gomez"),
    ("El Sr. <PERSON_11>. Estimado Sr. <PERSON_11>:", "El Sr. Gomez. Estimado Sr. Gomez:"),
    ("Hola Sr. <PERSON_11>, Ask **Sr. <PERSON_11>**", "Hola Sr. Gomez, Ask **Sr. Gomez**"),
    ("ante El Sr. <PERSON_11>; Good Morning Sr. <PERSON_11>", "ante El Sr. Gomez; Good Morning Sr. Gomez"),
    ("met Juan Garcia, Sr. <PERSON_11>", "met Juan Garcia, Sr. Gomez"),
    ("<CLIENT_1> and Sr. <PERSON_11>", "Juan Garcia and Sr. Gomez"),
    ("Garcia Sr. Dr. <PERSON_1>", "Garcia Sr. Dr. Okafor"),
    ("Gracias Sr. <PERSON_11>. Muchas Gracias Sr. <PERSON_11>", "Gracias Sr. Gomez. Muchas Gracias Sr. Gomez"),
    ("MUCHAS GRACIAS SR. <PERSON_11>", "MUCHAS GRACIAS SR. Gomez"),
    ("Muchas **Gracias Sr. <PERSON_11>**", "Muchas **Gracias Sr. Gomez**"),
    ("Muy Buenos Días Sr. <PERSON_11>", "Muy Buenos Días Sr. Gomez"),
    ("Muito Obrigado Sr. <PERSON_11>, Thank You Sr. <PERSON_11>", "Muito Obrigado Sr. Gomez, Thank You Sr. Gomez"),
    ("el Presidente Sr. <PERSON_11> a Usted Sr. <PERSON_11>", "el Presidente Sr. Gomez a Usted Sr. Gomez"),
    ("<CLIENT_1> Gracias Sr. <PERSON_11>", "Juan Garcia Gracias Sr. Gomez"),
    ("Hola <CLIENT_1> y Muchas Gracias Sr. <PERSON_11>", "Hola Juan Garcia y Muchas Gracias Sr. Gomez"),
    ("Muchas Gracias Dr. <PERSON_1>", "Muchas Gracias Dr. Okafor"),
    ("Prof. <PERSON_1>", "Prof. Dr. Okafor"),
    ("Miss <PERSON_3>", "Miss Vale"),
    ("Dr. <PERSON_4>", "Dr. Lee"),
    ("Dr. <PERSON_5>", "Dr. quill"),
    ("Dr. <PERSON_7>, Dr. Dr. <PERSON_7>", "Dr. Dr. Winter, Dr. Dr. Winter"),
    ("Sehr geehrter Herr <PERSON_8>", "Sehr geehrter Herr Winter"),
]
ALL_OF_IT = [
    ("I miss <PERSON_3>", "I miss Miss Vale"),
    ("quadr. <PERSON_1>", "quadr. Dr. Okafor"),
    ("Dr.\n<PERSON_1>", "Dr.\nDr. Okafor"),
    ("Dr., <PERSON_1>", "Dr., Dr. Okafor"),
    ("ask the doctor <PERSON_1>", "ask the doctor Dr. Okafor"),
    ("<PERSON_6> <PERSON_1>", "Sam Dr Dr. Okafor"),
    ("<PERSON_6>. <PERSON_1>", "Sam Dr. Dr. Okafor"),
    ("Dr. <PERSON_9> <PERSON_1>", "Dr. <PERSON_9> Dr. Okafor"),
    ("Dr. <PERSON_6>", "Dr. Sam Dr"),
    ("Dr. <PERSON_10>", "Dr. Mr. Dr. Okafor"),
    ("J. P. Garcia Sr. <PERSON_11>", "J. P. Garcia Sr. Sr. Gomez"),
    ("<CLIENT_1> Sr. <PERSON_11>", "Juan Garcia Sr. Sr. Gomez"),
    ("[client 1] **Sr.** <PERSON_11>", "Juan Garcia **Sr.** Sr. Gomez"),
    ("Muchas Gracias <CLIENT_1> Sr. <PERSON_11>", "Muchas Gracias Juan Garcia Sr. Sr. Gomez"),
    ("<CLIENT_1> Lopez Sr. <PERSON_11>", "Juan Garcia Lopez Sr. Sr. Gomez"),
    ("<CLIENT_7> Sr. <PERSON_11>", "<CLIENT_7> Sr. Sr. Gomez"),
    ("by J. Garcia Sr. <PERSON_11>", "by J. Garcia Sr. Sr. Gomez"),
    ("MUCHAS GRACIAS. <PERSON_11>", "MUCHAS GRACIAS. Sr. Gomez"),
    ("Muchas Gracias Sra. <PERSON_11>", "Muchas Gracias Sra. Sr. Gomez"),
    ("Gracias, Sr.: <PERSON_11>", "Gracias, Sr.: Sr. Gomez"),
]


@pytest.mark.parametrize(("reply", "told"), SAID_ONCE)
def test_a_title_that_the_model_wrote_is_not_said_again(reply: str, told: str) -> None:
    assert restored(reply) == told


@pytest.mark.parametrize(("reply", "told"), ALL_OF_IT)
def test_what_is_no_title_before_the_name_takes_nothing_away(reply: str, told: str) -> None:
    assert restored(reply) == told


@pytest.mark.parametrize("reply", [reply for reply, _ in (*SAID_ONCE, *ALL_OF_IT)])
def test_every_split_says_it_once_and_holds_back_no_more_than_before(reply: str) -> None:
    whole = restored(reply)
    for first in range(len(reply) + 1):
        for second in range(first, len(reply) + 1):
            restorer, out = Restorer(PSEUDONYMS, TOLD), ""
            for piece in (reply[:first], reply[first:second], reply[second:]):
                out += restorer.feed(piece)
                assert restorer.held <= LONGEST
            assert out + restorer.finish() == whole
    restorer = Restorer(PSEUDONYMS, TOLD)
    assert "".join(map(restorer.feed, reply)) + restorer.finish() == whole


def test_a_title_that_was_given_out_long_ago_is_still_known_to_stand_there() -> None:
    restorer = Restorer(PSEUDONYMS, TOLD)
    assert restorer.feed("Dear Dr. ") == "Dear Dr. "
    assert restorer.feed("") == ""
    assert restorer.feed("<PERSON_1>") == "Okafor"
    assert restorer.restored == 1
    restorer.feed("Dr. ")
    restorer.finish()
    assert restorer.feed("<PERSON_1>") == "Dr. Okafor"  # another text begins


def test_places_are_told_of_what_was_said() -> None:
    restorer = Restorer(PSEUDONYMS, TOLD)
    now = restore("Dr. <PERSON_1> is in", restorer)
    place = restorer.place(len("Dr. <PERSON_1>"))
    assert place is not None
    assert now[place:] == " is in"


def test_a_value_is_written_as_it_has_to_be_without_its_title_too() -> None:
    restorer = Restorer(PSEUDONYMS, TOLD, lambda value: f"[{value}]")
    assert restore("Dr. <PERSON_1>, <PERSON_1>", restorer) == "Dr. [Okafor], [Dr. Okafor]"


def test_who_wrote_a_title_twice_gets_it_back_twice() -> None:
    sent = ["Dr. <PERSON_1> called", "Dear <PERSON_2>"]
    whole = said_twice(sent, PSEUDONYMS, TOLD)
    assert whole == {"<PERSON_1>"}
    restorer = Restorer(PSEUDONYMS, TOLD, whole=whole)
    assert (
        restore("Dr. <PERSON_1> called Dr. <PERSON_2>", restorer) == "Dr. Dr. Okafor called Dr. Prof. Dr. Jane Okafor"
    )
    assert said_twice(sent, PSEUDONYMS[2:3], TOLD) == frozenset()


def test_a_suffix_of_a_name_that_is_no_pseudonym_comes_back_where_it_was_sent() -> None:
    sent = "Juan Lopez Sr. <PERSON_11>"
    whole = said_twice([sent], PSEUDONYMS, TOLD)
    assert restore(sent, Restorer(PSEUDONYMS, TOLD, whole=whole)) == "Juan Lopez Sr. Sr. Gomez"


@pytest.mark.parametrize("value", ["Okafor", "Dr", "Dr.", "Drew Carter", "Mr.Vale", "", "drake mr. x"])
def test_other_values_have_no_titles_to_give_up(value: str) -> None:
    assert titled(value) is None
