"""A marketplace's own recognizers: what the file may say, and what it is told where it errs."""

import pytest

from ai_gateway.adapters.own_recognizers import wrong_with
from ai_gateway.adapters.yaml_documents import read_yaml
from ai_gateway.errors import ConfigurationError
from ai_gateway.policies.load import load
from ai_gateway.policies.recognizer import Recognizers
from builders_policies import POLICIES_FOLDER

FROM_PRESIDIO = """\
entities: {ZIP: ADDRESS, TITLE: PERSON}
recognizers:
  - name: "Zip code Recognizer"
    supported_languages:
      - {language: en, context: [zip, code]}
      - {language: es, context: [codigo, postal]}
    patterns:
      - {name: "zip code (weak)", regex: "(\\\\b\\\\d{5}(?:\\\\-\\\\d{4})?\\\\b)", score: 0.01}
    context: [mailing]
    supported_entity: "ZIP"
  - name: titles recognizer
    supported_language: "en"
    supported_entity: "TITLE"
    deny_list: [Mr., Mrs.]
    deny_list_score: 1
  - {name: off, supported_entity: URL, enabled: false, deny_list: [x]}
"""


def shipped_texts() -> dict[str, str]:
    paths = [*POLICIES_FOLDER.glob("*.yaml"), *POLICIES_FOLDER.glob("features/*.yaml")]
    return {path.relative_to(POLICIES_FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def recognizers(text: str) -> Recognizers:
    return load(shipped_texts() | {"recognizers.yaml": text}, read_yaml, wrong_with).recognizers


def problem(text: str) -> str:
    with pytest.raises(ConfigurationError) as raised:
        recognizers(text)
    (said,) = raised.value.problems
    return said


def test_presidios_own_form_is_taken_where_it_means_something() -> None:
    zips, titles = recognizers(FROM_PRESIDIO).each
    assert (zips.entity, zips.context) == ("ADDRESS", ("mailing", "zip", "code", "codigo", "postal"))
    assert zips.expressions == ((r"(\b\d{5}(?:\-\d{4})?\b)", 0.01),)
    assert (titles.entity, titles.words, titles.words_score) == ("PERSON", ("Mr.", "Mrs."), 1.0)


def one(lines: str) -> str:
    return "recognizers:\n  - name: x\n" + "".join(f"    {line}\n" for line in lines.splitlines())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (one("supported_entity: ZIP\ndeny_list: [a]"), '#/recognizers/0/supported_entity: "ZIP" is no entity type'),
        (one("supported_entity: URL"), "2:5: #/recognizers/0: finds nothing"),
        (one("supported_entity: URL\npatterns: [{regex: 'a(?=b)'}]"), "look-around and back-references"),
        (one("supported_entity: URL\npatterns: [{regex: '(a)\\1'}]"), "look-around and back-references"),
        (one("supported_entity: URL\npatterns: [{regex: 'a('}]"), "4:24: #/recognizers/0/patterns/0/regex: is no RE2"),
        (one("supported_entity: URL\npatterns: [{regex: '((a{1,100}){1,100}){1,100}'}]"), "is no RE2 expression"),
        (one("supported_entity: URL\npatterns: [{regex: 'a*'}]"), "matches the empty text"),
        (one("supported_entity: URL\npatterns: [{regex: 'é'}]"), "must be ASCII"),
        (one("supported_entity: URL\npatterns: [{regex: a, score: 0.2}]"), "needs context words"),
        (one("supported_entity: URL\npatterns: [{regex: a, score: 2}]"), "must be a number from 0 to 1, not 2"),
        (one("supported_entity: URL\ntype: predefined\ndeny_list: [a]"), "only recognizers that are written out"),
        (one("supported_entity: URL\nvalidater: luhn\ndeny_list: [a]"), 'did you mean "validator"?'),
        ("allow: [x]\n", 'did you mean "allow_list"?'),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(text: str, said: str) -> None:
    assert said in problem(text)
