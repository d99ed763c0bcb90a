"""Every category with every purpose: what the notice allows, what it allows with consent, and nothing else."""

from dataclasses import replace

import pytest

from ai_gateway.model import CategoryCode, Permission, Purpose, Treatment
from ai_gateway.policies.policy import ConsentRule, Policies
from builders_policies import PRO, PROPOSAL, codes, consent, decided, item, proposal_call, shipped, subject

# From the notice, one line per category: y as it stands, c with the author's consent, - not named.
#                    develop improve provide identify communicate market analyze secure comply verify
MATRIX = """
identifiers          y       y       y       y        y           y      y       y      y      -
contact              y       y       y       y        y           y      y       y      y      -
sensitive_gov_id     -       y       y       -        -           -      -       -      y      y
commercial           y       y       y       y        y           y      y       y      y      -
financial            -       y       y       y        y           -      -       y      y      -
device_activity      y       y       y       y        y           y      y       y      y      -
geo                  y       y       y       y        y           y      y       y      y      -
sensory              -       y       y       y        y           y      -       y      y      -
communications       c       c       y       -        -           -      -       y      y      -
professional         y       y       y       -        -           y      y       y      y      -
other                y       y       y       y        y           y      y       y      y      -
"""
NEVER_LEAVE = {"sensitive_gov_id", "financial"}
PURPOSES = tuple(Purpose)
CELLS = [
    (row.split()[0], purpose, cell)
    for row in MATRIX.strip().splitlines()
    for purpose, cell in zip(PURPOSES, row.split()[1:], strict=True)
]


def sharing(category: str, purpose: Purpose) -> Policies:
    """The shipped policies, but the proposal's only input is a text of this category, shared for this purpose."""
    policies = shipped()
    feature = policies.features[PROPOSAL]
    rule = replace(
        feature.inputs["messages"],
        category=CategoryCode(category),
        consent=ConsentRule.NONE,
        treatment=Treatment.PSEUDONYMIZE,
    )
    changed = replace(feature, purpose=purpose, inputs={"messages": rule})
    return replace(policies, features={PROPOSAL: changed})


def code_for(category: str, purpose: Purpose, *, consented: bool) -> str:
    text = item("messages[0]", source="message.content", about=(PRO,), author=PRO)
    call = replace(proposal_call(), items=(text,))
    events = (consent(PRO, purpose=purpose),) if consented else ()
    return codes(decided(call, subject(PRO), events=events, policies=sharing(category, purpose)))["messages[0]"]


def test_the_table_covers_every_pair() -> None:
    assert len(CELLS) == 11 * len(PURPOSES)
    assert {category for category, _, _ in CELLS} == set(shipped().taxonomy.categories)


@pytest.mark.parametrize(("category", "purpose", "cell"), CELLS)
def test_a_category_is_shared_for_the_purposes_the_notice_names_for_it_only(
    category: str, purpose: Purpose, cell: str
) -> None:
    without, given = code_for(category, purpose, consented=False), code_for(category, purpose, consented=True)
    if cell == "-":
        assert (without, given) == ("purpose-not-stated", "purpose-not-stated")
    elif category in NEVER_LEAVE:
        assert (without, given) == ("sensitive-category", "sensitive-category")
    elif cell == "c":
        assert (without, given) == ("message-consent-missing", "allowed-by-consent")
    else:
        assert without == given == ("allowed-own-message" if category == "communications" else "allowed")


def test_no_consent_opens_a_purpose_that_the_notice_does_not_name() -> None:
    for purpose in (Purpose.MARKET, Purpose.ANALYZE, Purpose.IDENTIFY):
        call = replace(proposal_call(), items=(item("messages[0]", source="message.content", author=PRO),))
        decision = decided(call, events=(consent(PRO, purpose=purpose),), policies=sharing("communications", purpose))
        assert not isinstance(decision, Permission)
