from ai_gateway.model import BudgetedPrompt, Call, Outbound, Refusal, TreatedPrompt, VendorName
from ai_gateway.ports import Vendor
from ai_gateway.treatment.egress import clear
from ai_gateway.treatment.treat import Treatment


async def treat_what_was_not_permitted(treatment: Treatment, call: Call) -> None:
    await treatment.treat(call)  # error: arg-type


async def treat_what_was_refused(treatment: Treatment, refusal: Refusal) -> None:
    await treatment.treat(refusal)  # error: arg-type


def prepare_what_was_not_budgeted(vendor: Vendor, treated: TreatedPrompt) -> None:
    vendor.prepare(treated, VendorName("openai"))  # error: arg-type


def clear_what_was_not_budgeted(outbound: Outbound, treated: TreatedPrompt) -> None:
    clear(outbound, treated)  # error: arg-type


def change_a_proof(prompt: BudgetedPrompt) -> None:
    prompt.input_tokens = 0  # error: misc
