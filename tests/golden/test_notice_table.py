"""The taxonomy is the notice's table, cell by cell: against a second transcription, made by hand from the notice."""

from typing import NamedTuple

import pytest

from ai_gateway.model import CategoryCode, Purpose
from builders_policies import shipped

# The notice's phrases, by initials.
SOURCES = {
    "D": "Directly from You or Your use of the Service",
    "d": "Directly from You",
    "u": "Your use of the Service",
    "C": "Cookies and Other Tracking Technologies",
    "P": "Service Providers",
    "W": "Users with whom you communicate",
    "T4": "Third Parties (such as affiliates, agents, service providers and other users)",
    "T3": "Third Parties (such as affiliates, agents, and other users)",
    "To": "Third Parties (such as other users)",
    "Ta": "Third Parties (such as affiliates)",
}
RECIPIENTS = {
    "AN": "Analytics Companies",
    "IV": "Identity Verification Companies",
    "AD": "Advertising Partners",
    "PP": "Payment Processors",
    "SC": "Security Companies",
    "OM": "Other Merchants",
    "US": "IndependentPROS.com Users",
    "GA": "Government Agencies (as required by law)",
}
PURPOSES = {
    "dev": Purpose.DEVELOP,
    "imp": Purpose.IMPROVE,
    "prov": Purpose.PROVIDE,
    "id": Purpose.IDENTIFY,
    "com": Purpose.COMMUNICATE,
    "mkt": Purpose.MARKET,
    "ana": Purpose.ANALYZE,
    "sec": Purpose.SECURE,
    "leg": Purpose.COMPLY,
    "vfy": Purpose.VERIFY,
}
NINE = "dev imp prov id com mkt ana sec leg"


class Row(NamedTuple):
    name: str
    examples: str
    sources: str
    purposes: str
    recipients: str | None
    sold: str | None
    lines: str


NOTICE = {
    "identifiers": Row(
        "Identifiers",
        "Name, Date of Birth, Social Media Account Information, Profile Data, IP Address",
        "D C T4",
        NINE,
        "AN IV AD PP OM US GA",
        "Yes",
        "policy L13-L16",
    ),
    "contact": Row(
        "Contact / Account Profile Information",
        "Email Address, Home Address, Billing Address, Phone Number",
        "D T4",
        NINE,
        "AN AD PP OM US GA",
        "Yes",
        "policy L17-L20",
    ),
    "sensitive_gov_id": Row(
        "Sensitive Personal Information / Government Issued Identification Numbers",
        "Social Security Number, Driver\u2019s License, State Identification or Passport Number, VAT Identification "
        "Number, Tax Identification Number, Immigration Status, Citizenship Information",
        "d",
        "imp prov vfy leg",
        "IV SC OM US GA",
        "No",
        "policy L21-L24",
    ),
    "commercial": Row(
        "Commercial Information",
        "Transaction Data including services offered, considered, or purchased",
        "D T4",
        NINE,
        "PP SC AN OM US GA",
        "No",
        "policy L25-L28",
    ),
    "financial": Row(
        "Financial Data/Payment Information",
        "Credit card or other financial account information",
        "D T4",
        "imp prov id com sec leg",
        "PP SC OM US GA",
        "No",
        "policy L29-L32",
    ),
    "device_activity": Row(
        "Internet or Other Network or Device Activities Including Information from Cookies",
        "Unique device and app identifiers, browsing history or other usage data, the browser and operating system "
        "you are using, the URL or advertisement that referred you to the Service, the search terms you entered into a "
        "search engine that led you to the Service, areas within the Service that you visited, which links you clicked "
        "on, which pages or content you viewed and for how long, other similar information and statistics about your "
        "interactions, such as content response times, download errors and length of visits to certain pages, other "
        "information commonly shared when browsers communicate with websites",
        "D C T4",
        NINE,
        "AN AD OM GA",
        "Yes",
        "policy L33-L36",
    ),
    "geo": Row(
        "Approximate Geolocation Information",
        "Your approximate location",
        "D C T4",
        NINE,
        "AN AD OM US GA",
        "Yes",
        "policy L37-L40",
    ),
    "sensory": Row(
        "Sensory Information",
        "Audio recordings if you call our customer service, video recording (if you provide permission)",
        "D P Ta",
        "prov imp id com mkt sec leg",
        "OM US GA",
        "No",
        "policy L41-L44",
    ),
    "communications": Row(
        "Platform Communications",
        "Communication Information (e.g., your name, contact information, and the contents of any messages you send)",
        "d u W",
        "prov sec leg",
        None,
        None,
        "policy L45-L49",
    ),
    "professional": Row(
        "Professional Information",
        "Previous place(s) of employment, position(s), work history, earnings, resume",
        "D P To",
        "dev imp prov mkt ana sec leg",
        None,
        None,
        "policy L50-L53",
    ),
    "other": Row(
        "Other Information that identifies or can be reasonably associated with you",
        "User-generated content, (e.g., community posts, feedback, ratings and job postings), photographs, examples of "
        "your work, information on work previously performed via the Service and outside the Service, skills, tests "
        "taken, test scores, hourly pay rates and earnings information",
        "D P T3",
        NINE,
        None,
        None,
        "policy L54-L57",
    ),
}
MESSAGE_CONSENT = {Purpose.DEVELOP, Purpose.IMPROVE}


def test_there_are_the_notices_eleven_categories_and_no_others() -> None:
    assert list(shipped().taxonomy.categories) == list(NOTICE)


@pytest.mark.parametrize("code", NOTICE)
def test_a_category_is_its_row_of_the_notice(code: str) -> None:
    row, category = NOTICE[code], shipped().taxonomy.categories[CategoryCode(code)]
    assert category.name == row.name
    assert ", ".join(category.examples) == row.examples
    assert category.sources == tuple(SOURCES[initial] for initial in row.sources.split())
    assert category.purposes == {PURPOSES[initial] for initial in row.purposes.split()}
    assert category.recipients == (
        None if row.recipients is None else tuple(RECIPIENTS[initials] for initials in row.recipients.split())
    )
    assert category.sold_or_shared == {"Yes": True, "No": False, None: None}[row.sold]
    assert category.ref.source == row.lines
    assert category.consent_purposes == (MESSAGE_CONSENT if code == "communications" else set())
    assert category.alias == ("Contact Information" if code == "contact" else None)
    assert category.sensitive is (code in {"sensitive_gov_id", "financial", "communications"})
