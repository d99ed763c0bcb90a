"""The policy of a new feature: the strictest that lets it work, for a person to read and a privacy officer to sign."""

from collections.abc import Iterator, Sequence

from ai_gateway.policies.policy import FeatureKind, Policies
from ai_gateway.workbench.scaffold import NewInput


def policy_file(feature: str, inputs: Sequence[NewInput], policies: Policies) -> str:
    """Everything identifying becomes a pseudonym or goes; message content needs its author's consent."""
    droppable = ", ".join(one.name for one in inputs if not one.required)
    return f"""\
# yaml-language-server: $schema=../schemas/feature.schema.json
#
# Written by `ai-gateway prompts new`. Before anybody is served: read every rule, correct what differs, and have whoever
# answers for privacy agree. Each `source` names the notice line or statute that a rule rests on.

feature: {feature}
description: Say here what this feature does, for whom, with whose data.
purpose: provide
source: policy L85-L87
# Does anything follow from the answer for somebody's work or pay? Then this is true, and a human decides.
significant_decision: false
human_in_loop: true

callers:
  names: [{", ".join(_callers(policies))}]
  source: policy L156

# Tried in this order; one without credentials is skipped. The stand-in counts only where AI_GATEWAY_STANDIN_URL is set.
vendors:
{chr(10).join(_vendors(policies))}

opt_in:
  actor: true
  roles: []
  source: policy L87

# Nothing here has to be public: it is pseudonymized.
public_sources:
  names: []
  source: policy L86

entities:
  - types: [GOVERNMENT_ID, TAX_ID, SECRET]
    action: redact
    source: policy L22; statute Cal. Civ. Code 1798.121
  - types: [CREDIT_CARD, IBAN, BANK_ACCOUNT, CRYPTO_ADDRESS]
    action: redact
    source: policy L30; statute Cal. Civ. Code 1798.121
  - types: [DATE_OF_BIRTH, COORDINATES, IP_ADDRESS, MAC_ADDRESS, DEVICE_ID, VEHICLE_ID]
    action: redact
    source: policy L86
  - types: [PERSON, EMAIL_ADDRESS, PHONE_NUMBER, ADDRESS, HANDLE, URL, ORGANIZATION, LOCATION]
    action: pseudonymize
    source: policy L86; policy L162

inputs:
{chr(10).join(line for one in inputs for line in _input(one, policies))}
output:
  unexpected: remove
  # Whose names the reader of the answer sees again.
  restore_roles: [client, independent_professional]
  source: policy L79; policy L81

budget:
  max_input_tokens: 12000
  max_output_tokens: 800
  drop_order: [{droppable}]
  source: policy L85
"""


def _callers(policies: Policies) -> list[str]:
    named = [policy.callers for policy in policies.features.values() if policy.kind is FeatureKind.PROMPT]
    return sorted(set().union(*named)) or ["marketplace"]


def _vendors(policies: Policies) -> Iterator[str]:
    """As another feature with a prompt has them; else every vendor with its first model."""
    prompts = [policy for _, policy in sorted(policies.features.items()) if policy.kind is FeatureKind.PROMPT]
    if prompts:
        chosen = [(choice.vendor, choice.model, choice.ref.source) for choice in prompts[0].vendors]
    else:
        chosen = [(name, next(iter(vendor.models)), vendor.ref.source) for name, vendor in policies.vendors.items()]
    for vendor, model, source in chosen:
        yield f"  - {{vendor: {vendor}, model: {model}, source: {source}}}"


def _input(one: NewInput, policies: Policies) -> Iterator[str]:
    source = policies.taxonomy.sources[one.source]
    category = policies.taxonomy.categories[source.category]
    yield f"  {one.name}:"
    yield f"    category: {category.code}"
    yield f"    sources: [{one.source}]"
    yield "    treatment: pseudonymize"
    yield f"    consent: {'author' if category.consent_purposes else 'none'}"
    yield f"    required: {'true' if one.required else 'false'}"
    if one.many:
        yield "    many: true"
        yield "    max_items: 20"
    yield "    max_characters: 8000"
    yield f"    source: {source.ref.source}"
    yield ""
