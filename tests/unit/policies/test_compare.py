"""Which decisions change between two policies."""

from dataclasses import replace

from ai_gateway.model import EntityType, Purpose, Role, Treatment, VendorName
from ai_gateway.policies.compare import LESS, MORE, OTHER_REASON, OTHERWISE, Change, compare
from ai_gateway.policies.policy import ConsentRule, Policies
from builders_policies import PROPOSAL, SUMMARY, shipped, with_feature, with_vendor


def changes(new: Policies, old: Policies | None = None, **wanted: str) -> list[Change]:
    found = [one for one in compare(old or shipped(), new).changes if one.kind != OTHER_REASON]
    return [one for one in found if all(getattr(one, key) == value for key, value in wanted.items())]


def with_input(name: str, **facts: object) -> Policies:
    feature = shipped().features[PROPOSAL]
    rule = replace(feature.inputs[name], **facts)  # type: ignore[arg-type]
    return with_feature(shipped(), PROPOSAL, inputs={**feature.inputs, name: rule})


def test_the_same_policies_decide_the_same_however_much_is_asked() -> None:
    compared = compare(shipped(), shipped())
    assert (compared.changes, compared.besides) == ((), ())
    assert compared.asked > 1_000


def test_a_lost_mechanism_changes_decisions_about_the_people_it_covered_and_nobody_else() -> None:
    new = with_vendor(shipped(), "openai", transfers={"EEA": "standard_contractual_clauses"})
    found = changes(new, input="profile", feature=PROPOSAL)
    assert {(one.kind, one.vendor) for one in found} == {(LESS, "openai")}
    assert {(one.after.code, str(one.when)) for one in found} == {
        ("transfer-mechanism-missing", "({'region': ('UK', 'CH')},)"),
        ("region-unknown", "({'region': ('unknown',)},)"),
    }


def test_consent_that_is_asked_for_is_told_by_author_and_consent() -> None:
    found = changes(with_input("job_post", consent=ConsentRule.AUTHOR), vendor="standin")
    assert {(one.after.code, str(one.when)) for one in found} == {
        ("message-author-missing", "({'author': ('nobody named',)},)"),
        ("message-consent-missing", "({'author': ('somebody else',), 'consent': ('missing',)},)"),
    }


def test_a_treatment_and_an_entity_action_change_what_is_shared_and_not_whether() -> None:
    redacting = with_input("job_post", treatment=Treatment.REDACT)
    assert {one.kind for one in changes(redacting)} == {OTHERWISE}
    rule = shipped().features[PROPOSAL].inputs["job_post"]
    entities = {**rule.entities, EntityType("ORGANIZATION"): Treatment.SHARE}
    (one,) = changes(with_input("job_post", entities=entities), vendor="standin", source="job_post.title")
    assert one.entities == ("ORGANIZATION: pseudonymize to share",)
    assert one.when == ()


def test_a_new_input_source_vendor_and_feature_are_newly_shared_and_taken_away_no_longer() -> None:
    wider = with_input("profile", sources=frozenset({"profile.title", "profile.overview", "profile.skills"}))
    assert {(one.kind, one.source) for one in changes(wider, vendor="standin")} == {
        (MORE, "profile.skills"),
        (LESS, "profile.work_history"),
    }
    fewer = with_feature(
        shipped(), PROPOSAL, vendors=tuple(c for c in shipped().features[PROPOSAL].vendors if c.vendor != "openai")
    )
    assert {(one.kind, one.after.code) for one in changes(fewer)} == {(LESS, "vendor-not-listed")}
    gone = replace(shipped(), features={n: f for n, f in shipped().features.items() if n != SUMMARY})
    assert {(one.kind, one.after.code) for one in changes(gone)} == {(LESS, "feature-unknown")}
    assert {one.kind for one in changes(shipped(), gone)} == {MORE}


def test_a_role_that_must_opt_in_is_told_by_role_and_choice() -> None:
    feature = shipped().features[PROPOSAL]
    new = with_feature(shipped(), PROPOSAL, opt_in=replace(feature.opt_in, roles=frozenset({Role.CLIENT})))
    (one,) = changes(new, vendor="standin", source="job_post.title")
    assert one.after.code == "subject-not-opted-in"
    assert one.when == ({"role": ("client",), "opted in": ("no",)},)


def test_a_purpose_the_notice_does_not_name_withholds_and_what_decides_nothing_is_told_besides() -> None:
    new = with_feature(shipped(), PROPOSAL, purpose=Purpose.COMMUNICATE, callers=frozenset())
    compared = compare(shipped(), new)
    assert {(one.feature, one.after.code) for one in compared.changes if one.kind == LESS} == {
        ("proposal_draft", "purpose-not-stated")
    }
    assert "proposal_draft: callers: ['demo', 'marketplace'] to []" in compared.besides
    assert "proposal_draft: purpose: provide to communicate" in compared.besides
    kept = with_vendor(shipped(), "openai", retention_days=0)
    assert compare(shipped(), kept).besides == ("vendor openai: retention_days: 30 to 0",)
    assert VendorName("openai") in kept.vendors
