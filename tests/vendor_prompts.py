"""Builders for tests of the vendor door: profiles of the kinds of vendor that are shipped, and prompts to send them."""

from collections.abc import Mapping

from ai_gateway.model import (
    BudgetedPrompt,
    Call,
    ClearedOutbound,
    FeatureName,
    Message,
    Outbound,
    Permission,
    Purpose,
    RecordedShare,
    ShareId,
    SubjectId,
    TreatedPrompt,
    VendorName,
)
from ai_gateway.policies.policy import RuleRef, VendorModel, VendorProfile, VendorRole

KEY = "key-for-tests-0123456789"
MESSAGES = (
    Message(role="system", content="You draft proposals. Keep every placeholder as it is."),
    Message(role="user", content="The job: <CLIENT_1> needs a logo; mail <EMAIL_1>. “Grüße” & <b>.\n"),
)


def profile(
    name: str,
    provider: str,
    model: str,
    *,
    api_base: str | None = None,
    no_store: Mapping[str, bool | str] | None = None,
    credential_env: str | None = "VENDOR_KEY",
    api_base_env: str | None = None,
    timeout_seconds: float = 10.0,
) -> VendorProfile:
    return VendorProfile(
        name=VendorName(name),
        legal_name=f"{name} (invented)",
        role=VendorRole.SERVICE_PROVIDER,
        country="US",
        region="us",
        transfers={},
        dpa="contract 1",
        retention_days=30,
        trains_on_data=False,
        provider=provider,
        api_base=api_base,
        api_base_env=api_base_env,
        credential_env=credential_env,
        no_store=no_store or {},
        models={model: VendorModel(name=model, context_tokens=100_000, encoding="o200k_base")},
        timeout_seconds=timeout_seconds,
        ref=RuleRef(rule=f"vendors.yaml#/vendors/{name}", source="policy L1"),
    )


def prompt(
    vendor: str,
    model: str,
    *,
    messages: tuple[Message, ...] = MESSAGES,
    config: Mapping[str, float | int] | None = None,
    max_output_tokens: int = 400,
) -> BudgetedPrompt:
    actor = SubjectId("pro_17")
    permission = Permission(
        feature=FeatureName("proposal_draft"),
        purpose=Purpose.PROVIDE,
        vendor=VendorName(vendor),
        model=model,
        call=Call(feature=FeatureName("proposal_draft"), actor=actor, items=()),
        subjects={},
        items=(),
        consents=(),
        policy_digest="0" * 64,
        taxonomy_digest="0" * 64,
    )
    return BudgetedPrompt(
        treated=TreatedPrompt(permission=permission, items=(), pseudonyms=(), identifiers=frozenset(), entities={}),
        prompt_name="proposal_draft",
        prompt_version=1,
        prompt_digest="0" * 64,
        messages=messages,
        items=(),
        decisions=(),
        input_tokens=40,
        max_output_tokens=max_output_tokens,
        config={"temperature": 0.3} if config is None else config,
        fixed_text=(),
    )


def recorded(outbound: Outbound, budgeted: BudgetedPrompt) -> RecordedShare:
    """Pretends that a share is on record; in the product only the log makes one."""
    return RecordedShare(id=ShareId("shr_test"), cleared=ClearedOutbound(outbound=outbound, prompt=budgeted))
