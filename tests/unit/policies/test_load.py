"""Every mistake is found where it stands, all at once, with a name that may have been meant."""

from pathlib import Path
from typing import NamedTuple

import pytest

from ai_gateway.adapters.folder_snapshot import write_out
from ai_gateway.adapters.policy_files import check, load_policies
from ai_gateway.adapters.yaml_documents import read_yaml
from ai_gateway.app.serving import build
from ai_gateway.config import Settings
from ai_gateway.errors import ConfigurationError
from ai_gateway.model import EntityType, Treatment
from ai_gateway.policies.load import load
from ai_gateway.policies.vocabulary import RecordClass
from builders_policies import POLICIES_FOLDER, PROPOSAL, SUMMARY, shipped

TAXONOMY, VENDORS = "taxonomy.yaml", "vendors.yaml"
DRAFT, PROFILE = "features/proposal_draft.yaml", "features/profile_summary.yaml"

CALLERS, ASSISTANT, RETENTION = "callers.yaml", "features/assistant.yaml", "retention.yaml"


def shipped_texts() -> dict[str, str]:
    files = (TAXONOMY, VENDORS, DRAFT, PROFILE, CALLERS, ASSISTANT, RETENTION, "recognizers.yaml")
    return {file: (POLICIES_FOLDER / file).read_text(encoding="utf-8") for file in files}


def problems(texts: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as raised:
        load(texts, read_yaml)
    return raised.value.problems


def position(text: str, at: str) -> str:
    offset = text.index(at)
    return f"{text.count(chr(10), 0, offset) + 1}:{offset - text.rfind(chr(10), 0, offset)}"


class Mistake(NamedTuple):
    """``old`` becomes ``new`` in the shipped file; the problem is reported where ``at`` then stands."""

    file: str
    old: str
    new: str
    at: str
    pointer: str
    says: str


SEEDED = {
    "a shape that passes uninspected, of a prompt": Mistake(
        DRAFT,
        "significant_decision: false\n",
        "uninspected: {shapes: [images], source: policy L1}\nsignificant_decision: false\n",
        "{shapes: [images]",
        "/uninspected",
        "is for features of the kind exchange",
    ),
    "a shape that is none": Mistake(
        ASSISTANT,
        "kind: exchange\n",
        "kind: exchange\nuninspected: {shapes: [pictures], source: policy L1}\n",
        "pictures",
        "/uninspected/shapes/0",
        '"pictures" is no shape',
    ),
    "unknown key": Mistake(
        DRAFT,
        "    consent: author\n",
        "    consent: author\n    concent: author\n",
        "concent",
        "/inputs/messages/concent",
        'not a key here (did you mean "consent"?)',
    ),
    "key missing": Mistake(
        DRAFT,
        "    consent: author\n",
        "",
        "messages:\n    category",
        "/inputs/messages",
        'the key "consent" is missing',
    ),
    "source missing": Mistake(
        DRAFT,
        "    source: policy L49\n",
        "",
        "messages:\n    category",
        "/inputs/messages",
        'the key "source" is missing',
    ),
    "source that is none": Mistake(
        DRAFT,
        "source: policy L49\n",
        "source: our lawyer said so\n",
        "our lawyer",
        "/inputs/messages/source",
        "must be a source such as",
    ),
    "line the notice does not have": Mistake(
        DRAFT,
        "source: policy L49\n",
        "source: policy L490\n",
        "policy L490",
        "/inputs/messages/source",
        "the notice has no line 490; its last is L170",
    ),
    "unknown purpose": Mistake(
        DRAFT, "purpose: provide", "purpose: provde", "provde", "/purpose", 'no purpose (did you mean "provide"?)'
    ),
    "unknown category": Mistake(
        DRAFT,
        "category: communications",
        "category: comunications",
        "comunications",
        "/inputs/messages/category",
        'there is no category "comunications" (did you mean "communications"?)',
    ),
    "unknown vendor": Mistake(
        DRAFT,
        "vendor: openai,",
        "vendor: opanai,",
        "opanai",
        "/vendors/0/vendor",
        'there is no vendor "opanai" (did you mean "openai"?)',
    ),
    "unknown model": Mistake(
        DRAFT,
        "gpt-4.1-mini",
        "gpt-4.1-minni",
        "gpt-4.1-minni",
        "/vendors/0/model",
        'there is no model of openai "gpt-4.1-minni" (did you mean "gpt-4.1-mini"?)',
    ),
    "unknown treatment": Mistake(
        DRAFT,
        "treatment: pseudonymize\n    consent: author",
        "treatment: pseudonymise\n    consent: author",
        "pseudonymise",
        "/inputs/messages/treatment",
        'no treatment (did you mean "pseudonymize"?)',
    ),
    "hash as a treatment": Mistake(
        DRAFT,
        "treatment: pseudonymize\n    consent: author",
        "treatment: hash\n    consent: author",
        "hash",
        "/inputs/messages/treatment",
        "a hash of personal data is personal data",
    ),
    "hash as an action": Mistake(
        DRAFT,
        "action: redact",
        "action: hash",
        "hash",
        "/entities/0/action",
        "a hash of personal data is personal data",
    ),
    "called de-identified": Mistake(
        DRAFT,
        "    consent: author\n",
        "    consent: author\n    deidentified: true\n",
        "deidentified",
        "/inputs/messages/deidentified",
        "no treatment here de-identifies text in law",
    ),
    "generalize for a whole input": Mistake(
        DRAFT,
        "treatment: pseudonymize\n    consent: author",
        "treatment: generalize\n    consent: author",
        "generalize",
        "/inputs/messages/treatment",
        "put it under entities",
    ),
    "unknown entity type": Mistake(
        DRAFT,
        "[GOVERNMENT_ID,",
        "[GOVERMENT_ID,",
        "GOVERMENT_ID",
        "/entities/0/types/0",
        'did you mean "GOVERNMENT_ID"?',
    ),
    "unknown data source": Mistake(
        DRAFT,
        "sources: [message.content]",
        "sources: [message.contents]",
        "[message.contents]",
        "/inputs/messages/sources",
        'there is no source "message.contents" (did you mean "message.content"?)',
    ),
    "unknown role": Mistake(
        DRAFT,
        "restore_roles: [client,",
        "restore_roles: [clients,",
        "clients,",
        "/output/restore_roles/0",
        'no role (did you mean "client"?)',
    ),
    "unknown input to drop": Mistake(
        DRAFT,
        "drop_order: [messages]",
        "drop_order: [message]",
        "message]",
        "/budget/drop_order/0",
        'there is no input "message" (did you mean "messages"?)',
    ),
    "required input to drop": Mistake(
        DRAFT,
        "drop_order: [messages]",
        "drop_order: [profile]",
        "profile]",
        "/budget/drop_order/0",
        "it cannot be left out",
    ),
    "public_only from a source that is not public": Mistake(
        PROFILE,
        "    - portfolio.item\n",
        "",
        "[portfolio.item, profile.skills]",
        "/inputs/portfolio/sources",
        "public_sources",
    ),
    "private source called public": Mistake(
        PROFILE,
        "    - portfolio.item\n",
        "    - portfolio.item\n    - message.content\n",
        "- profile.title\n",
        "/public_sources/names",
        '"message.content" is never public data',
    ),
    "source under another category": Mistake(
        PROFILE,
        "sources: [review.public_text]",
        "sources: [contract.terms]",
        "[contract.terms]",
        "/inputs/reviews/sources",
        'belongs to the category "commercial", not to "other"',
    ),
    "suspension as an input": Mistake(
        PROFILE,
        "sources: [review.public_text]",
        "sources: [account.suspension]",
        "[account.suspension]",
        "/inputs/reviews/sources",
        "may not be an input of any feature (policy L80)",
    ),
    "purpose the category does not have": Mistake(
        PROFILE,
        "purpose: provide",
        "purpose: communicate",
        "professional\n    sources",
        "/inputs/profile/category",
        'the notice does not name "communicate" among the purposes of "professional"',
    ),
    "messages without consent": Mistake(
        DRAFT,
        "consent: author",
        "consent: none # any",
        "none # any",
        "/inputs/messages/consent",
        "their authors must consent",
    ),
    "significant decision without a human": Mistake(
        DRAFT,
        "significant_decision: false\nhuman_in_loop: true",
        "significant_decision: true\nhuman_in_loop: false",
        "false\n\ncallers",
        "/human_in_loop",
        "a significant decision needs a human in the loop",
    ),
    "actor need not opt in": Mistake(
        DRAFT, "  actor: true", "  actor: false", "false\n  #", "/opt_in/actor", "must be true, not false"
    ),
    "entity type twice": Mistake(
        PROFILE,
        "- types: [LOCATION]",
        "- types: [LOCATION, DEVICE_ID]",
        "DEVICE_ID]\n    action: share",
        "/entities/4/types/1",
        '"DEVICE_ID" already has an action here',
    ),
    "names shared as they are": Mistake(
        PROFILE,
        "action: pseudonymize",
        "action: share",
        "types: [PERSON, ORGANIZATION]",
        "/entities/3",
        '"PERSON" identifies people and is never shared as it is',
    ),
    "no coarser form": Mistake(
        PROFILE,
        "types: [LOCATION]\n    action: share",
        "types: [URL]\n    action: generalize",
        "types: [URL]",
        "/entities/4",
        '"URL" has no coarser form',
    ),
    "another type's coarser form": Mistake(
        PROFILE,
        "types: [LOCATION]\n    action: share",
        "types: [LOCATION]\n    action: generalize\n    to: month",
        "month",
        "/entities/4/to",
        '"LOCATION" becomes one of: country',
    ),
    "coarser without generalizing": Mistake(
        PROFILE,
        "types: [LOCATION]\n    action: share",
        "types: [LOCATION]\n    action: share\n    to: country",
        "country\n    source: policy L38",
        "/entities/4/to",
        "goes with action: generalize",
    ),
    "employers without industries": Mistake(
        PROFILE,
        "types: [LOCATION]\n    action: share",
        "types: [ORGANIZATION]\n    action: generalize",
        "types: [ORGANIZATION]",
        "/entities/4",
        "says under industries which employer is what",
    ),
    "secrets pseudonymized": Mistake(
        DRAFT,
        "- types: [GOVERNMENT_ID, TAX_ID, SECRET]\n    action: redact",
        "- types: [GOVERNMENT_ID, TAX_ID, SECRET]\n    action: pseudonymize",
        "types: [GOVERNMENT_ID, TAX_ID, SECRET]",
        "/entities/0",
        "which is sensitive: its only action is redact",
    ),
    "budget beyond the model": Mistake(
        DRAFT,
        "max_input_tokens: 12000",
        "max_input_tokens: 32000",
        "max_input_tokens",
        "/budget",
        'is more than the 32768 tokens that "standin-1" of standin takes',
    ),
    "a list of one": Mistake(
        DRAFT,
        "    many: true\n",
        "    many: false\n",
        "50\n",
        "/inputs/messages/max_items",
        "is more than one item; say many: true",
    ),
    "file of another feature": Mistake(
        DRAFT,
        "feature: proposal_draft",
        "feature: proposal",
        "proposal\n",
        "/feature",
        "belongs in features/proposal.yaml",
    ),
    "vendor that trains": Mistake(
        VENDORS,
        "trains_on_data: false\n    subprocessors: https://openai",
        "trains_on_data: true\n    subprocessors: https://openai",
        "true\n    subprocessors: https://openai",
        "/vendors/openai/trains_on_data",
        "one that trains on what it receives is a third_party",
    ),
    "third party in a feature": Mistake(
        VENDORS, "role: service_provider", "role: third_party", "", "", '"openai" is a third party'
    ),
    "vendor listed twice": Mistake(
        DRAFT,
        "vendor: anthropic, model: claude-haiku-4-5",
        "vendor: openai, model: gpt-4.1-mini",
        "{vendor: openai, model: gpt-4.1-mini, source: policy L83-L85}\n  - {vendor: mistral",
        "/vendors/1",
        "is listed twice",
    ),
    "mechanism of another law": Mistake(
        VENDORS,
        "EEA: standard_contractual_clauses",
        "EEA: uk_idta",
        "uk_idta",
        "/vendors/openai/transfers/EEA",
        '"uk_idta" is a mechanism of UK law only',
    ),
    "mechanism for no transfer": Mistake(
        VENDORS,
        "country: local\n    region: local\n    transfers: {}",
        "country: local\n    region: local\n    transfers: {UK: uk_idta}",
        "{UK: uk_idta}",
        "/vendors/standin/transfers",
        "nothing is transferred to a local vendor",
    ),
    "unknown public source": Mistake(
        PROFILE,
        "    - portfolio.item\n",
        "    - portfolio.items\n",
        "- profile.title\n",
        "/public_sources/names",
        'there is no source "portfolio.items" (did you mean "portfolio.item"?)',
    ),
    "always withheld and required": Mistake(
        DRAFT,
        "[job_post.title, job_post.description]\n    treatment: pseudonymize",
        "[job_post.title, job_post.description]\n    treatment: withhold",
        "true\n    max_characters: 20000\n    source: policy L87",
        "/inputs/job_post/required",
        "what is always withheld cannot be required",
    ),
    "sensitive category as an input": Mistake(
        TAXONOMY,
        "    sold_or_shared: not_stated\n    source: policy L50-L53",
        "    sold_or_shared: not_stated\n    sensitive: {of: all, source: policy L50}\n    source: policy L50-L53",
        "",
        "",
        '"professional" is sensitive and never leaves: treatment: withhold',
    ),
    "unknown mechanism": Mistake(
        VENDORS,
        "UK: uk_addendum",
        "UK: uk_adendum",
        "uk_adendum",
        "/vendors/openai/transfers/UK",
        'did you mean "uk_addendum"?',
    ),
    "clauses of the wrong law": Mistake(
        VENDORS,
        "UK: uk_addendum",
        "UK: standard_contractual_clauses",
        "standard_contractual_clauses\n      CH",
        "/vendors/openai/transfers/UK",
        "need the addendum",
    ),
    "country that is none": Mistake(
        VENDORS, "country: FR", "country: EU", "EU\n    region", "/vendors/mistral/country", "name the country"
    ),
    "key in the file": Mistake(
        VENDORS,
        "credential_env: OPENAI_API_KEY",
        "api_key: sk-1234",
        "api_key",
        "/vendors/openai/api_key",
        "keys stay out of files",
    ),
    "no address": Mistake(
        VENDORS,
        "    api_base: https://api.openai.com/v1\n",
        "",
        "legal_name: OpenAI",
        "/vendors/openai",
        "needs either api_base or api_base_env",
    ),
    "plain http": Mistake(
        VENDORS,
        "https://api.openai.com/v1",
        "http://api.openai.example/v1",
        "http://api.openai.example",
        "/vendors/openai/api_base",
        "must be an https address",
    ),
    "remote vendor called local": Mistake(
        VENDORS, "country: FR", "country: local", "local\n    region: eu", "/vendors/mistral/country", "on loopback"
    ),
    "category with a purpose twice": Mistake(
        TAXONOMY,
        "purposes: [develop, improve]\n      source: policy L49",
        "purposes: [develop, provide]\n      source: policy L49",
        "[develop, provide]\n      source",
        "/categories/communications/with_consent/purposes",
        '"provide" is also a purpose that needs no consent',
    ),
    "languages of nobody's runs": Mistake(
        DRAFT,
        "public_sources:\n",
        "languages: {names: [en], of: unattributed, source: policy L86}\npublic_sources:\n",
        "unattributed",
        "/languages/of",
        "every run of a prompt names its actor: all",
    ),
    "any language among others": Mistake(
        ASSISTANT, "names: [en, es,", "names: [en, any,", "[en, any", "/languages/names", '"any" stands alone'
    ),
    "a language that is none": Mistake(
        ASSISTANT, "names: [en, es,", "names: [en, eng,", "eng,", "/languages/names/1", '"eng" is no language'
    ),
    "taxonomy without its notice": Mistake(
        TAXONOMY, "notice:\n", "notices:\n", "notices", "/notices", 'did you mean "notice"?'
    ),
    "entity type without a category": Mistake(
        TAXONOMY,
        "  VEHICLE_ID: {category: identifiers, source: policy L14}\n",
        "",
        "entities:\n",
        "/entities",
        'the key "VEHICLE_ID" is missing',
    ),
    "entity type of an unknown category": Mistake(
        TAXONOMY,
        "PERSON: {category: identifiers",
        "PERSON: {category: identifier",
        "identifier,",
        "/entities/PERSON/category",
        'did you mean "identifiers"?',
    ),
    "standing rule switched off": Mistake(
        TAXONOMY, "  minors:\n", "  minorz:\n", "minorz", "/rules/minorz", 'no standing rule (did you mean "minors"?)'
    ),
    "sold or shared as a word": Mistake(
        TAXONOMY,
        "sold_or_shared: true\n    source: policy L13",
        "sold_or_shared: yes\n    source: policy L13",
        "yes\n",
        "/categories/identifiers/sold_or_shared",
        '"yes" is no value',
    ),
    "key written twice": Mistake(
        TAXONOMY,
        "    name: Identifiers\n",
        "    name: Identifiers\n    name: Identifier\n",
        "name: Identifier\n",
        "/categories/identifiers/name",
        "is written twice",
    ),
}


@pytest.mark.parametrize("mistake", SEEDED.values(), ids=SEEDED.keys())
def test_a_mistake_is_reported_where_it_stands(mistake: Mistake) -> None:
    texts = shipped_texts()
    assert mistake.old in texts[mistake.file], "the shipped file changed; change this mistake with it"
    texts[mistake.file] = texts[mistake.file].replace(mistake.old, mistake.new, 1)
    found = problems(texts)
    said = [problem for problem in found if mistake.says in problem]
    assert said, found
    if mistake.at:
        place = position(texts[mistake.file], mistake.at)
        assert f"{mistake.file}:{place}: #{mistake.pointer}: " in said[0]


@pytest.mark.parametrize("mistake", SEEDED.values(), ids=SEEDED.keys())
def test_no_server_starts_with_a_mistake(mistake: Mistake, tmp_path: Path) -> None:
    texts = shipped_texts()
    texts[mistake.file] = texts[mistake.file].replace(mistake.old, mistake.new, 1)
    write_out({file: text.encode() for file, text in texts.items()}, tmp_path)
    settings = Settings(home=tmp_path / "home", policies=tmp_path)
    with pytest.raises(ConfigurationError) as refused:
        build(settings, {})
    assert any(mistake.says in problem for problem in refused.value.problems)


def test_all_mistakes_of_all_files_are_told_at_once() -> None:
    texts = shipped_texts()
    texts[TAXONOMY] = texts[TAXONOMY].replace("sold_or_shared: not_stated", "sold_or_shared: unknown", 1)
    texts[VENDORS] = texts[VENDORS].replace("country: FR", "country: FRA", 1)
    texts[DRAFT] = texts[DRAFT].replace("purpose: provide", "purpose: sell", 1)
    texts[PROFILE] = texts[PROFILE].replace("vendor: openai,", "vendor: nobody,", 1)
    files = [problem.partition(":")[0] for problem in problems(texts)]
    assert files == [PROFILE, DRAFT, TAXONOMY, VENDORS]


def test_a_mistake_in_one_entry_does_not_make_its_name_unknown_elsewhere() -> None:
    texts = shipped_texts()
    texts[TAXONOMY] = texts[TAXONOMY].replace("name: Platform Communications", "name: 7", 1)
    texts[VENDORS] = texts[VENDORS].replace("legal_name: OpenAI OpCo, LLC", "legal_name: 7", 1)
    assert [p.partition(": ")[2] for p in problems(texts)] == [
        "#/categories/communications/name: must be text (text that neither begins nor ends with a space), not 7",
        "#/vendors/openai/legal_name: must be text (text that neither begins nor ends with a space), not 7",
    ]


def test_a_missing_file_and_a_strange_one_are_told() -> None:
    texts = shipped_texts()
    del texts[VENDORS]
    texts["features.yml"] = "feature: x"
    found = problems(texts)
    kinds = "taxonomy.yaml, vendors.yaml, callers.yaml, retention.yaml, recognizers.yaml, features/*.yaml"
    assert f"features.yml:1:1: #: is no policy file; there are {kinds}" in found
    assert "vendors.yaml:1:1: #: the file is missing" in found


def test_a_folder_with_too_many_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    for number in range(201):
        (tmp_path / "features" / f"f{number}.yaml").write_text("feature: x\n")
    assert check(tmp_path)[0] == "features:1:1: #: more than 200 files"


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    assert check(tmp_path / "nowhere") == (f"{tmp_path}/nowhere:1:1: #: the policies folder is missing",)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "vendors.yaml").mkdir()
    assert check(tmp_path) == ("vendors.yaml:1:1: #: cannot be read: Is a directory",)


def test_a_file_that_is_too_long_is_told(tmp_path: Path) -> None:
    (tmp_path / "vendors.yaml").write_text("#" * 2_000_000)
    assert "vendors.yaml:1:1: #: is longer than 262144 characters" in check(tmp_path)


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "vendors.yaml").write_bytes(b"\xff\xfe\x00")
    assert check(tmp_path) == ("vendors.yaml:1:1: #: is not UTF-8 text",)


def test_the_shipped_folder_has_no_problem() -> None:
    assert check(POLICIES_FOLDER) == ()


def test_an_inputs_own_action_beats_the_features_and_the_treatment_covers_the_rest() -> None:
    texts = shipped_texts()
    own = "    entities:\n      - {types: [LOCATION], action: redact, source: policy L38}\n    source: policy L49\n"
    texts[DRAFT] = texts[DRAFT].replace("    source: policy L49\n", own, 1)
    inputs = load(texts, read_yaml).features[PROPOSAL].inputs
    location = EntityType("LOCATION")
    assert inputs["messages"].entities[location] is Treatment.REDACT
    assert inputs["messages"].entity_refs[location].rule == f"{DRAFT}#/inputs/messages/entities/0"
    assert inputs["job_post"].entities[location] is Treatment.PSEUDONYMIZE
    assert inputs["job_post"].entity_refs[location].rule == f"{DRAFT}#/entities/3"


def test_a_shared_input_still_removes_what_identifies_people() -> None:
    texts = shipped_texts()
    texts[PROFILE] = texts[PROFILE].replace("treatment: public_only", "treatment: share", 1)
    texts[PROFILE] = (
        texts[PROFILE]
        .replace("[PERSON, ORGANIZATION]", "[VEHICLE_ID]", 1)
        .replace("VEHICLE_ID, DEVICE_ID]", "DEVICE_ID]", 1)
    )
    entities = load(texts, read_yaml).features[SUMMARY].inputs["profile"].entities
    assert entities[EntityType("PERSON")] is Treatment.REDACT
    assert entities[EntityType("ORGANIZATION")] is Treatment.SHARE


def test_the_treatment_says_what_happens_to_types_that_no_rule_names() -> None:
    texts = shipped_texts()
    texts[DRAFT] = texts[DRAFT].replace("URL, ORGANIZATION, LOCATION]", "URL, ORGANIZATION]", 1)
    texts[PROFILE] = texts[PROFILE].replace("[PERSON, ORGANIZATION]", "[ORGANIZATION]", 1)
    policies = load(texts, read_yaml)
    draft, summary = policies.features[PROPOSAL].inputs, policies.features[SUMMARY].inputs
    assert draft["messages"].entities[EntityType("LOCATION")] is Treatment.PSEUDONYMIZE
    assert summary["profile"].entities[EntityType("PERSON")] is Treatment.REDACT


def test_a_digest_is_of_what_a_file_says_and_not_of_how_it_is_written() -> None:
    texts = shipped_texts()
    texts[DRAFT] = "# a remark\n" + texts[DRAFT].replace(
        "names: [marketplace, demo]", "names:\n    - marketplace\n    - demo"
    )
    assert load(texts, read_yaml).digest == shipped().digest


def test_a_features_digest_changes_with_whatever_decides_about_it_and_with_nothing_else() -> None:
    before = shipped()
    texts = shipped_texts()
    texts[PROFILE] = texts[PROFILE].replace("max_output_tokens: 600", "max_output_tokens: 601")
    after = load(texts, read_yaml)
    assert after.features[SUMMARY].digest != before.features[SUMMARY].digest
    assert after.features[PROPOSAL].digest == before.features[PROPOSAL].digest
    assert after.digest != before.digest
    texts = shipped_texts()
    texts[VENDORS] = texts[VENDORS].replace("retention_days: 55", "retention_days: 56")
    assert load(texts, read_yaml).features[SUMMARY].digest != before.features[SUMMARY].digest


def test_what_is_loaded_cannot_be_changed() -> None:
    policies = load_policies(POLICIES_FOLDER)
    for mapping in (policies.features, policies.vendors, policies.taxonomy.categories, policies.taxonomy.rules):
        with pytest.raises(TypeError):
            mapping["x"] = None  # type: ignore[index]


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ("keep: 36", "keep: 23", "#/classes/request_records/keep: must be at least 24 months"),
        ("keep: 24", "keep: 12", "#/classes/share_entries/keep: must not be shorter than share_content"),
        ("keep: always", "keep: 12", '#/classes/key_records/keep: must be "always"'),
        ("keep: 13", "keep: 0", "#/classes/share_content/keep: must be a whole number from 1 to 240"),
        ("keep: 13", "keep: forever", '#/classes/share_content/keep: "forever" is no period'),
        ("  tree:", "  trees:", '"trees" is no class of record'),
    ],
)
def test_a_retention_that_contradicts_a_duty_or_itself_is_told(was: str, becomes: str, problem: str) -> None:
    texts = shipped_texts()
    texts[RETENTION] = texts[RETENTION].replace(was, becomes, 1)
    assert any(problem in found for found in problems(texts))


def test_without_a_retention_file_nothing_is_pruned() -> None:
    texts = shipped_texts()
    del texts[RETENTION]
    assert load(texts, read_yaml).retention is None
    kept = shipped().retention
    assert kept is not None
    assert kept[RecordClass.SHARE_CONTENT].months == 13
    assert kept[RecordClass.TREE].months is None
