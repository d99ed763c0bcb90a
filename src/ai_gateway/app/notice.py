"""What the privacy notice says of consent to the use of message contents, for receipts."""

from ai_gateway.consent.receipt import Party, Terms
from ai_gateway.features import Catalogue
from ai_gateway.model import CategoryCode

_CONTROLLER = Party(
    id="controller",
    name="NAM International, LLC dba IndependentPROS.com",  # notice L6
    role="controller",
    contact="privacy@IndependentPROS.com",  # notice L168
    country="US",
)


def terms(catalogue: Catalogue) -> Terms:
    """Recipients are the vendors of the features in force: each may receive what is consented to."""
    chosen = {choice.vendor for feature in catalogue.features.values() for choice in feature.policy.vendors}
    vendors = [catalogue.policies.vendors[name] for name in sorted(chosen)]
    return Terms(
        notice="https://www.IndependentPROS.com/privacy",
        controller=_CONTROLLER,
        recipients=tuple(
            Party(id=vendor.name, name=vendor.legal_name, role=vendor.role, contact=vendor.dpa, country=vendor.country)
            for vendor in vendors
        ),
        category=CategoryCode("communications"),
        withdrawal="In the marketplace's settings, or by writing to the controller; it holds from the next request on.",
        storage="The gateway's registry, under a key of the person's own",
        retention="As long as the consent stands, and then as long as claims can be made",
        jurisdiction="US",
    )
