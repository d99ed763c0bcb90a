"""Who and what is shared: one rule at a time, over the shipped policies."""

from dataclasses import replace

import pytest

from ai_gateway.model import (
    Action,
    AgeStatus,
    Call,
    CategoryCode,
    Choices,
    ConsentState,
    Item,
    Purpose,
    Refusal,
    Role,
    Subject,
    SubjectId,
    Treatment,
    VendorName,
    Visibility,
)
from ai_gateway.policies.decide import decide
from ai_gateway.policies.policy import OptInRule, VendorChoice, VendorRole
from builders_policies import (
    CLIENT,
    NOW,
    PRO,
    PROPOSAL,
    SUMMARY,
    choice_of,
    codes,
    consent,
    consents,
    decided,
    item,
    job_post,
    message,
    people,
    permitted,
    proposal_call,
    refusal_codes,
    shipped,
    subject,
    summary_call,
    with_feature,
    with_vendor,
)

OPTED_IN = frozenset({PROPOSAL, SUMMARY})
THIRD = SubjectId("cli_10")


# --- the whole call -----------------------------------------------------------------------------------


def test_a_call_that_breaks_no_rule_is_permitted_with_every_item_decided() -> None:
    permission = permitted(decided(proposal_call(message(PRO))))
    assert codes(permission) == {"job_post": "allowed", "profile": "allowed", "messages[0]": "allowed-own-message"}
    assert permission.policy_digest == shipped().features[PROPOSAL].digest
    assert permission.taxonomy_digest == shipped().taxonomy.digest
    assert (permission.vendor, permission.model, permission.purpose) == ("standin", "standin-1", Purpose.PROVIDE)


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (subject(PRO, choices=Choices()), "actor-not-opted-in"),
        (subject(PRO, choices=Choices(opted_in=frozenset({SUMMARY}))), "actor-not-opted-in"),
        (subject(PRO, choices=Choices(opted_in=OPTED_IN, opted_out=frozenset({PROPOSAL}))), "actor-opted-out"),
        (subject(PRO, age_status=AgeStatus.MINOR), "minor"),
        (subject(PRO, restricted=True), "actor-restricted"),
        (subject(PRO, erased=True), "actor-erased"),
    ],
)
def test_the_actors_own_state_can_refuse_the_call(actor: Subject, code: str) -> None:
    assert refusal_codes(decided(proposal_call(), actor))[0] == code


def test_an_unknown_age_is_no_known_minor() -> None:
    permitted(decided(proposal_call(), subject(PRO, age_status=AgeStatus.UNKNOWN)))


def test_a_known_minor_on_the_other_side_refuses_the_call_too() -> None:
    assert refusal_codes(decided(proposal_call(), subject(CLIENT, age_status=AgeStatus.MINOR))) == ("minor",)


def test_every_reason_is_told_at_once() -> None:
    actor = subject(PRO, restricted=True, age_status=AgeStatus.MINOR, choices=Choices())
    told = refusal_codes(decided(proposal_call(), actor))
    assert told[:3] == ("minor", "actor-restricted", "actor-not-opted-in")


@pytest.mark.parametrize(
    ("stray", "code"),
    [
        (item("resume"), "input-unknown"),
        (item("profile", source="message.content"), "source-not-listed"),
        (item("profile", source="account.suspension"), "source-not-listed"),
        (item("profile", about=()), "item-about-nobody"),
        (item("profile", about=(SubjectId("nobody_1"),)), "subject-unknown"),
        (message(SubjectId("nobody_1")), "subject-unknown"),
    ],
)
def test_what_the_policy_and_the_registry_do_not_know_refuses_the_call(stray: Item, code: str) -> None:
    decision = decided(proposal_call(stray))
    assert refusal_codes(decision) == (code,)
    assert decision.items == ()


def test_a_source_that_the_taxonomy_does_not_know_refuses_the_call_even_where_a_rule_lists_it() -> None:
    feature = shipped().features[PROPOSAL]
    rule = replace(feature.inputs["profile"], sources=frozenset({"profile.secret"}))
    policies = with_feature(shipped(), PROPOSAL, inputs={**feature.inputs, "profile": rule})
    call = replace(proposal_call(), items=(job_post(), item("profile", source="profile.secret")))
    assert refusal_codes(decided(call, policies=policies)) == ("source-not-listed",)


def test_an_actor_nobody_knows_is_refused() -> None:
    call = replace(proposal_call(), items=(job_post(),))
    assert refusal_codes(decided(call, known={CLIENT: subject(CLIENT)})) == ("subject-unknown",)


@pytest.mark.parametrize(
    ("vendor", "model"), [("openai", "gpt-4.1"), ("nobody", "gpt-4.1-mini"), ("standin", "gpt-4.1-mini")]
)
def test_a_vendor_or_model_that_the_feature_does_not_list_is_refused(vendor: str, model: str) -> None:
    feature = shipped().features[PROPOSAL]
    choice = VendorChoice(vendor=VendorName(vendor), model=model, ref=feature.ref)
    decision = decide(shipped(), feature, choice, proposal_call(), people(), consents())
    assert refusal_codes(decision) == ("vendor-not-listed",)


def test_a_vendor_that_trains_is_refused_even_past_the_loader() -> None:
    policies = with_vendor(shipped(), trains_on_data=True)
    assert refusal_codes(decided(proposal_call(), policies=policies)) == ("vendor-trains",)


def test_a_significant_decision_without_a_human_is_refused_even_past_the_loader() -> None:
    policies = with_feature(shipped(), PROPOSAL, significant_decision=True, human_in_loop=False)
    assert refusal_codes(decided(proposal_call(), policies=policies)) == ("human-missing",)


def test_a_required_input_that_was_not_sent_refuses_the_call() -> None:
    call = replace(proposal_call(), items=(job_post(),))
    assert refusal_codes(decided(call)) == ("required-input-missing",)


def test_a_required_input_that_is_withheld_refuses_the_call_and_says_why() -> None:
    decision = decided(proposal_call(), subject(CLIENT, restricted=True))
    assert refusal_codes(decision) == ("required-input-withheld", "subject-restricted")
    assert isinstance(decision, Refusal)
    assert {reason.item for reason in decision.reasons} == {"job_post"}
    assert codes(decision) == {"job_post": "subject-restricted", "profile": "allowed"}


def test_a_call_of_which_nothing_is_left_is_refused() -> None:
    feature = shipped().features[SUMMARY]
    optional = {name: replace(rule, required=False) for name, rule in feature.inputs.items()}
    policies = with_feature(shipped(), SUMMARY, inputs=optional)
    call = summary_call(item("profile", visibility=Visibility.PRIVATE))
    assert refusal_codes(decided(call, policies=policies)) == ("nothing-to-share", "not-public")


# --- people an item concerns --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("client", "code"),
    [
        (subject(CLIENT, restricted=True), "subject-restricted"),
        (subject(CLIENT, erased=True), "subject-erased"),
        (subject(CLIENT, choices=Choices(opted_out=frozenset({PROPOSAL}))), "subject-opted-out"),
    ],
)
def test_an_item_about_somebody_who_may_not_be_processed_is_withheld(client: Subject, code: str) -> None:
    decision = decided(proposal_call(message(CLIENT)), client, events=(consent(),))
    assert codes(decision)["messages[0]"] == code


def test_who_wrote_an_item_counts_as_one_it_is_about() -> None:
    review = item("reviews[0]", source="review.public_text", about=(PRO,), author=THIRD)
    known = people(subject(THIRD, erased=True))
    decision = decided(summary_call(item("profile"), review), known=known)
    assert codes(decision)["reviews[0]"] == "subject-erased"
    assert decision.items[1].about == (PRO, THIRD)


def test_the_other_side_need_not_opt_in_unless_the_policy_asks_for_it() -> None:
    client = subject(CLIENT, choices=Choices())
    assert codes(decided(proposal_call(), client))["job_post"] == "allowed"
    feature = shipped().features[PROPOSAL]
    asks = OptInRule(actor=True, roles=frozenset({Role.CLIENT}), ref=feature.opt_in.ref)
    policies = with_feature(shipped(), PROPOSAL, opt_in=asks)
    assert codes(decided(proposal_call(), client, policies=policies))["job_post"] == "subject-not-opted-in"
    assert codes(decided(proposal_call(), policies=policies))["job_post"] == "allowed"


# --- messages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (None, "message-consent-missing"),
        (ConsentState.REQUESTED, "message-consent-missing"),
        (ConsentState.REFUSED, "message-consent-refused"),
        (ConsentState.WITHDRAWN, "message-consent-withdrawn"),
        (ConsentState.EXPIRED, "message-consent-expired"),
        (ConsentState.INVALIDATED, "message-consent-invalidated"),
        (ConsentState.GIVEN, "allowed-by-consent"),
        (ConsentState.RENEWED, "allowed-by-consent"),
    ],
)
def test_a_message_is_shared_only_while_its_authors_consent_stands(state: ConsentState | None, code: str) -> None:
    events = (consent(state=state),) if state else ()
    decision = permitted(decided(proposal_call(message(CLIENT)), events=events))
    assert codes(decision)["messages[0]"] == code
    assert [used.event_id for used in decision.consents] == ([consent().id] if code.startswith("allowed") else [])


def test_a_consent_ends_by_itself_when_it_was_given_until_then() -> None:
    for expires_at, code in ((NOW, "message-consent-expired"), (NOW + 1, "allowed-by-consent")):
        decision = decided(proposal_call(message(CLIENT)), events=(consent(expires_at=expires_at),))
        assert codes(decision)["messages[0]"] == code


def test_a_consent_to_one_purpose_is_none_to_another() -> None:
    decision = decided(proposal_call(message(CLIENT)), events=(consent(purpose=Purpose.IMPROVE),))
    assert codes(decision)["messages[0]"] == "message-consent-missing"


def test_a_thread_is_decided_message_by_message() -> None:
    thread = (message(CLIENT, 0), message(PRO, 1), message(THIRD, 2), message(None, 3), message(CLIENT, 4))
    decision = permitted(decided(proposal_call(*thread), subject(THIRD), events=(consent(CLIENT),)))
    assert [codes(decision)[f"messages[{index}]"] for index in range(5)] == [
        "allowed-by-consent",
        "allowed-own-message",
        "message-consent-missing",
        "message-author-missing",
        "allowed-by-consent",
    ]
    assert [used.subject for used in decision.consents] == [CLIENT]


def test_messages_need_consent_whatever_a_policy_says_of_them() -> None:
    feature = shipped().features[PROPOSAL]
    lax = replace(feature.inputs["messages"], consent=feature.inputs["profile"].consent)
    policies = with_feature(shipped(), PROPOSAL, inputs={**feature.inputs, "messages": lax})
    decision = decided(proposal_call(message(CLIENT)), policies=policies)
    assert codes(decision)["messages[0]"] == "message-consent-missing"
    assert decision.items[2].reason.rule == "taxonomy.yaml#/rules/message_consent"


def test_a_withheld_message_says_by_which_rule_and_source() -> None:
    reason = decided(proposal_call(message(CLIENT))).items[2].reason
    assert (reason.rule, reason.source, reason.item) == (
        "features/proposal_draft.yaml#/inputs/messages/consent",
        "policy L49",
        "messages[0]",
    )


@pytest.mark.parametrize("limited", [CLIENT, PRO])
def test_limiting_sensitive_information_keeps_messages_even_with_consent(limited: SubjectId) -> None:
    person = subject(limited, choices=Choices(opted_in=OPTED_IN, limit_sensitive=True))
    decision = decided(proposal_call(message(CLIENT)), person, events=(consent(),))
    assert codes(decision)["messages[0]"] == "sensitive-limited"
    assert codes(decision)["profile"] == "allowed"


@pytest.mark.parametrize("category", ["financial", "sensitive_gov_id"])
def test_a_sensitive_category_never_leaves_even_past_the_loader(category: str) -> None:
    feature = shipped().features[PROPOSAL]
    rule = replace(feature.inputs["messages"], category=CategoryCode(category))
    policies = with_feature(shipped(), PROPOSAL, inputs={**feature.inputs, "messages": rule})
    decision = decided(proposal_call(message(PRO)), policies=policies)
    assert codes(decision)["messages[0]"] == "sensitive-category"


# --- public data --------------------------------------------------------------------------------------


def test_public_data_of_a_public_profile_is_shared() -> None:
    assert codes(permitted(decided(summary_call()))) == {"profile": "allowed-public"}


@pytest.mark.parametrize(
    ("text", "pro", "code"),
    [
        (item("profile", visibility=Visibility.PRIVATE), subject(PRO), "not-public"),
        (item("profile"), subject(PRO, profile_visibility=Visibility.PRIVATE), "visibility-changed"),
        (item("profile"), subject(PRO, registered=False), "visibility-unconfirmed"),
        (
            item("profile"),
            subject(PRO, registered=False, profile_visibility=Visibility.PRIVATE),
            "visibility-unconfirmed",
        ),
    ],
)
def test_a_profile_is_shared_as_public_only_while_the_registry_says_so(text: Item, pro: Subject, code: str) -> None:
    assert codes(decided(summary_call(text), pro)) == {"profile": code}


def test_what_is_public_by_itself_does_not_hang_on_a_profile() -> None:
    review = item("reviews[0]", source="review.public_text")
    decision = decided(summary_call(item("profile"), review), subject(PRO, profile_visibility=Visibility.PRIVATE))
    assert codes(decision) == {"profile": "visibility-changed", "reviews[0]": "allowed-public"}


def test_a_source_that_the_feature_does_not_call_public_stays_even_past_the_loader() -> None:
    public = shipped().features[SUMMARY].public_sources - {"review.public_text"}
    policies = with_feature(shipped(), SUMMARY, public_sources=public)
    decision = decided(
        summary_call(item("profile"), item("reviews[0]", source="review.public_text")), policies=policies
    )
    assert codes(decision) == {"profile": "allowed-public", "reviews[0]": "source-not-public"}


def test_a_private_source_that_a_policy_calls_public_stays_even_past_the_loader() -> None:
    feature = shipped().features[SUMMARY]
    rule = replace(feature.inputs["reviews"], sources=frozenset({"review.private_feedback"}))
    policies = with_feature(
        shipped(),
        SUMMARY,
        inputs={**feature.inputs, "reviews": rule},
        public_sources=feature.public_sources | {"review.private_feedback"},
    )
    call = summary_call(item("profile"), item("reviews[0]", source="review.private_feedback"))
    assert codes(decided(call, policies=policies))["reviews[0]"] == "source-not-public"


def test_an_input_that_is_pseudonymized_need_not_be_public() -> None:
    private = replace(proposal_call(), items=(job_post(visibility=Visibility.PRIVATE), item("profile")))
    permitted(decided(private, subject(PRO, profile_visibility=Visibility.PRIVATE)))


def test_an_input_that_the_policy_withholds_is_withheld() -> None:
    feature = shipped().features[PROPOSAL]
    rule = replace(feature.inputs["messages"], treatment=Treatment.WITHHOLD)
    policies = with_feature(shipped(), PROPOSAL, inputs={**feature.inputs, "messages": rule})
    decision = permitted(decided(proposal_call(message(PRO)), policies=policies))
    assert (decision.items[2].action, decision.items[2].reason.code) == (Action.WITHHELD, "policy-withholds")


# --- vendors and places -------------------------------------------------------------------------------


def third_party_call() -> Call:
    """Identifiers: a category the notice says is sold or shared. Sent to a vendor that is a third party."""
    return replace(proposal_call(), items=(item("profile"),))


@pytest.mark.parametrize(
    ("category", "pro", "code"),
    [
        ("identifiers", subject(PRO), "allowed"),
        ("commercial", subject(PRO), "third-party-not-stated"),
        ("professional", subject(PRO), "third-party-not-stated"),
        (
            "identifiers",
            subject(PRO, choices=Choices(opted_in=OPTED_IN, opt_out_sale_share=True)),
            "sale-or-sharing-opted-out",
        ),
        ("identifiers", subject(PRO, choices=Choices(opted_in=OPTED_IN, gpc=True)), "sale-or-sharing-opted-out"),
        ("identifiers", subject(PRO, registered=False), "sale-or-sharing-opted-out"),
    ],
)
def test_a_third_party_gets_what_the_notice_says_is_shared_of_people_who_let_it_be(
    category: str, pro: Subject, code: str
) -> None:
    policies = with_vendor(shipped(), role=VendorRole.THIRD_PARTY)
    rule = replace(shipped().features[PROPOSAL].inputs["profile"], category=CategoryCode(category))
    policies = with_feature(policies, PROPOSAL, inputs={"profile": rule})
    assert codes(decided(third_party_call(), pro, policies=policies)) == {"profile": code}


def test_an_opt_out_of_sale_does_not_keep_data_from_a_service_provider() -> None:
    permitted(
        decided(proposal_call(), subject(PRO, choices=Choices(opted_in=OPTED_IN, opt_out_sale_share=True, gpc=True)))
    )


US, FR, GB, CH, LOCAL = "US", "FR", "GB", "CH", "local"
SCC = "standard_contractual_clauses"
EVERY = {"EEA": SCC, "UK": "uk_addendum", "CH": SCC}


@pytest.mark.parametrize(
    ("region", "country", "transfers", "code"),
    [
        ("US-CA", US, {}, "allowed"),
        ("BR", US, {}, "allowed"),
        ("DE", US, {}, "transfer-mechanism-missing"),
        ("DE", US, {"UK": "uk_addendum", "CH": SCC}, "transfer-mechanism-missing"),
        ("DE", US, {"EEA": SCC}, "allowed"),
        ("DE-BE", US, {"EEA": SCC}, "allowed"),
        ("NO", US, {}, "transfer-mechanism-missing"),
        ("RE", US, {}, "transfer-mechanism-missing"),
        ("GB-SCT", US, {"EEA": SCC}, "transfer-mechanism-missing"),
        ("GB", US, {"UK": "uk_addendum"}, "allowed"),
        ("CH", US, {"EEA": SCC}, "transfer-mechanism-missing"),
        ("CH", US, {"CH": SCC}, "allowed"),
        ("DE", FR, {}, "allowed"),
        ("LI", FR, {}, "allowed"),
        ("GB", FR, {}, "transfer-mechanism-missing"),
        ("GB", GB, {}, "allowed"),
        ("CH", CH, {}, "allowed"),
        ("CH", FR, {"CH": "adequacy"}, "allowed"),
        ("de", US, {}, "transfer-mechanism-missing"),
        (None, US, {}, "region-unknown"),
        (None, US, {"EEA": SCC, "UK": "uk_addendum"}, "region-unknown"),
        (None, US, EVERY, "allowed"),
        (None, FR, {"UK": "adequacy", "CH": "adequacy"}, "allowed"),
        (None, FR, {"UK": "adequacy"}, "region-unknown"),
        ("XX", US, {}, "region-unknown"),
        ("Germany", US, {}, "region-unknown"),
        ("", US, {}, "region-unknown"),
        (None, LOCAL, {}, "allowed"),
        ("DE", LOCAL, {}, "allowed"),
    ],
)
def test_data_leaves_a_persons_region_only_under_a_mechanism(
    region: str | None, country: str, transfers: dict[str, str], code: str
) -> None:
    policies = with_vendor(shipped(), country=country, transfers=transfers)
    decision = decided(proposal_call(message(PRO, about=(PRO,))), subject(PRO, region=region), policies=policies)
    assert codes(decision)["profile"] == code


def test_everybody_concerned_is_protected_by_their_own_law() -> None:
    policies = with_vendor(shipped(), country=US, transfers={"EEA": SCC})
    decision = decided(
        proposal_call(message(CLIENT)),
        subject(PRO, region="DE"),
        subject(CLIENT, region="GB"),
        events=(consent(),),
        policies=policies,
    )
    assert codes(decision) == {
        "job_post": "transfer-mechanism-missing",
        "profile": "allowed",
        "messages[0]": "transfer-mechanism-missing",
    }


@pytest.mark.parametrize(
    ("vendor", "region", "allowed"),
    [
        ("openai", "DE", True),
        ("openai", None, True),
        ("mistral", "DE", True),
        ("mistral", "GB", True),
        ("self_hosted", "US", True),
        ("self_hosted", "DE", False),
        ("self_hosted", None, False),
        ("standin", None, True),
    ],
)
def test_the_shipped_vendors_reach_the_regions_their_contracts_cover(
    vendor: str,
    region: str | None,
    allowed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    decision = decided(proposal_call(), subject(PRO, region=region), vendor=vendor)
    assert (codes(decision)["profile"] == "allowed") is allowed


def test_a_fallback_vendor_is_decided_for_itself() -> None:
    call, pro = proposal_call(), subject(PRO, region="DE")
    assert isinstance(decided(call, pro, vendor="self_hosted"), Refusal)
    permitted(decided(call, pro, vendor="standin"))


def test_deciding_twice_gives_the_same_answer() -> None:
    feature = shipped().features[PROPOSAL]
    ask = (shipped(), feature, choice_of(feature), proposal_call(message(CLIENT)), people(), consents(consent()))
    assert decide(*ask) == decide(*ask)
