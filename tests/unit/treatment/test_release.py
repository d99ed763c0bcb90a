import json
from dataclasses import replace
from typing import Any

import pytest

from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.errors import ReplyRefused
from ai_gateway.model import BudgetedPrompt, Completion, Released, Role, TreatedExchange
from ai_gateway.policies.policy import OutputRule, UnexpectedPersonalData
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.treatment.treat import Treatment
from fakes import LiteralDetector
from treatment_samples import budgeted, item, permission, rule

pytestmark = pytest.mark.anyio

LITERALS = {
    "Bo Stone": "PERSON",
    "Dr. Max Reed": "PERSON",
    "Zoe": "PERSON",
    "zoe@x.example": "EMAIL_ADDRESS",
    "Lisbon": "LOCATION",
    "Initech": "ORGANIZATION",
    "CLIENT_1": "PERSON",
    "<PERSON_1> Miller": "PERSON",
    "Kind regards": "PERSON",
    "Hello <CLIENT_1>": "HANDLE",
    "Zoe <CLIENT_1>": "PERSON",
}
EVERYBODY = rule(Role.CLIENT, Role.INDEPENDENT_PROFESSIONAL)


async def release(reply: str, output: OutputRule = EVERYBODY, text: str = "Sam Lee and Bo Stone") -> Released:
    treatment = Treatment(LiteralDetector(LITERALS), PresidioOperators())
    prompt: BudgetedPrompt = budgeted(
        await treatment.treat(permission([item(text)])), fixed=("Write Kind regards at the end.",)
    )
    return await treatment.release(Completion(text=reply, finish_reason="stop", model="m"), prompt, output)


async def test_a_reply_has_its_names_back() -> None:
    released = await release("Dear <CLIENT_1>, <PERSON_1>'s page is done. **<client 1>**")
    assert released.text == "Dear Sam Lee, Bo Stone's page is done. **Sam Lee**"
    assert released.restored == 3
    assert released.removed == {}


async def test_a_title_that_the_vendor_writes_is_not_doubled() -> None:
    text = "Attending: Dr. Max Reed"
    assert (await release("Dear Dr. <PERSON_1>,", text=text)).text == "Dear Dr. Max Reed,"
    assert (await release("Dear <PERSON_1>,", text=text)).text == "Dear Dr. Max Reed,"


async def test_a_title_that_was_sent_twice_comes_back_twice() -> None:
    text = "Attending: Dr. Dr. Max Reed"
    assert (await release("Attending: Dr. <PERSON_1>", text=text)).text == text


async def test_personal_data_that_nobody_sent_in_is_taken_out() -> None:
    released = await release("Ask Zoe at zoe@x.example, <CLIENT_1>.")
    assert released.text == "Ask [removed: name] at [removed: email address], Sam Lee."
    assert released.removed == {"PERSON": 1, "EMAIL_ADDRESS": 1}


async def test_personal_data_that_nobody_sent_in_is_refused_where_the_policy_says_so() -> None:
    strict = rule(Role.CLIENT, unexpected=UnexpectedPersonalData.REFUSE)
    with pytest.raises(ReplyRefused) as caught:
        await release("Ask Zoe at zoe@x.example", strict)
    assert caught.value.facts["entities"] == ["EMAIL_ADDRESS", "PERSON"]
    assert "zoe" not in f"{caught.value} {caught.value.facts}".lower()
    assert (await release("Dear <CLIENT_1>", strict)).text == "Dear Sam Lee"


async def test_a_known_identifier_in_clear_is_as_unexpected_as_any() -> None:
    released = await release("Dear Sam Lee, dear Bo Stone, dear Dana")
    assert released.text == "Dear [removed: name], dear [removed: name], dear [removed: name]"


async def test_what_the_vendor_was_sent_in_clear_may_come_back() -> None:
    assert (await release("Kind regards")).text == "Kind regards"


async def test_a_surname_made_up_for_a_pseudonym_is_taken_out() -> None:
    assert (await release("Hi <PERSON_1> Miller!")).text == "Hi Bo Stone [removed: name]!"


async def test_a_greeting_that_the_model_takes_for_a_part_of_a_pseudonym_stays() -> None:
    assert (await release("Hello <CLIENT_1>, all is well.")).text == "Hello Sam Lee, all is well."
    assert (await release("Zoe <CLIENT_1>, all is well.")).text == "[removed: name] Sam Lee, all is well."


async def test_a_pseudonym_is_no_personal_data() -> None:
    assert (await release("[CLIENT_1] CLIENT_1 <CLIENT_1>")).text == "Sam Lee Sam Lee Sam Lee"


async def test_towns_and_companies_are_of_nobody() -> None:
    assert (await release("I worked for Initech in Lisbon")).text == "I worked for Initech in Lisbon"


async def test_a_known_company_in_clear_is_of_somebody() -> None:
    assert (await release("at Brightwater LLC")).text == "at [removed: organization]"


async def test_only_parties_whose_role_the_policy_names_are_restored() -> None:
    released = await release("<CLIENT_1> <PERSON_1> <PROFESSIONAL_1>", rule(), "Sam Lee, Bo Stone, Dana")
    assert released.text == "<CLIENT_1> Bo Stone Dana"
    assert released.restored == 2


async def test_a_pseudonym_that_a_caller_typed_is_never_restored() -> None:
    released = await release("<client 1> <Client_1> <CLIENT_2>", EVERYBODY, "Sam Lee typed <client 1>")
    assert released.text == "<client 1> <Client_1> Sam Lee"


async def test_a_value_put_back_is_not_scanned_and_an_empty_reply_is_empty() -> None:
    assert (await release("")).text == ""
    assert (await release("<EMAIL_1>", EVERYBODY, "zoe@x.example")).text == "zoe@x.example"


async def test_an_exchanges_reply_with_half_a_sign_can_be_written() -> None:
    treatment = Treatment(LiteralDetector(LITERALS), PresidioOperators())
    prompt = replace(
        budgeted(await treatment.treat(permission([item("Sam Lee")]))),
        exchange=TreatedExchange(protocol=Protocol.CHAT, body={}, model="m", stream=False),
    )
    said: Any = {"choices": [{"message": {"content": "\ud83d <CLIENT_1>\u2028"}}]}
    done = Completion(text="", finish_reason="stop", model="m", reply=said)
    written = (await treatment.release(done, prompt, EVERYBODY)).text.encode()
    assert json.loads(written)["choices"][0]["message"]["content"] == "\ud83d Sam Lee\u2028"
