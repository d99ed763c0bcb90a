import json

from ai_gateway.consent.receipt import Party, Terms, receipt
from ai_gateway.model import CategoryCode, ConsentState, Purpose
from registries import DANA, START, consent

_MARKET = Party(id="market", name="Market, Inc.", role="controller", contact="privacy@market.example", country="US")
_VENDOR = Party(id="vendor", name="Vendor, Inc.", role="processor", contact="dpo@vendor.example", country="IE")
_TERMS = Terms(
    notice="https://market.example/privacy",
    controller=_MARKET,
    recipients=(_VENDOR,),
    category=CategoryCode("communications"),
    withdrawal="Settings, Privacy, Message contents",
    storage="EU",
    retention="life of the consent and three years",
    jurisdiction="US-CA",
)

_REQUIRED = {
    "schema_version",
    "record_id",
    "pii_principal_id",
    "notice",
    "purpose",
    "pii_categories",
    "pii_controllers",
    "recipients",
    "storage_location",
    "retention_period",
    "jurisdiction",
    "withdrawal_method",
    "event",
}


def test_a_receipt_holds_every_mandatory_field_of_the_standard() -> None:
    event = consent(expires_at=START + 1)
    document = receipt(event, (event,), _TERMS).document()
    assert set(document) >= _REQUIRED
    assert all(document[name] not in (None, "", [], {}) for name in _REQUIRED)
    assert document["notice"] == {
        "version": event.notice_version,
        "location": "https://market.example/privacy",
        "language": "en",
    }
    assert document["event"] == {
        "event_time": "2027-01-15T08:00:00.000Z",
        "event_type": "explicit-consent",
        "event_state": "given",
        "entity_id": DANA,
        "validity": "2027-01-15T08:00:00.001Z",
    }
    for party in (*document["pii_controllers"], *document["recipients"]):
        assert {"party_id", "party_name", "party_contact", "party_address"} <= set(party)


def test_a_receipt_is_plain_json() -> None:
    event = consent()
    document = receipt(event, (event,), _TERMS).document()
    assert json.loads(json.dumps(document)) == document


def test_a_receipt_lists_what_came_before_for_its_purpose_and_nothing_later() -> None:
    given, other, withdrawn = consent(), consent(purpose=Purpose.IMPROVE), consent(ConsentState.WITHDRAWN)
    history = (given, other, withdrawn)
    assert [past["record_id"] for past in receipt(withdrawn, history, _TERMS).document()["earlier_events"]] == [
        given.id
    ]
    assert receipt(given, history, _TERMS).document()["earlier_events"] == []
