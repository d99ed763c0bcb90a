"""Registers the sample people in the database of the environment's settings, and prints an API key. Everybody who
chose anything also chose the assistant."""

import asyncio
import json
import sys

from ai_gateway import samples
from ai_gateway.api.schemas import ChosenFeatures, ConsentReport, RegisteredSubject
from ai_gateway.app.stores import Stores, open_stores
from ai_gateway.config import read
from ai_gateway.model import CallerId, Right, SubjectId


async def register(stores: Stores) -> str:
    registry = samples.read("registry")
    _, key = await stores.callers.create(CallerId("marketplace"), frozenset(Right))
    for name, said in registry["subjects"].items():
        subject = RegisteredSubject.model_validate_json(json.dumps(said)).subject(SubjectId(name), registered=True)
        await stores.subjects.put(subject)
    for name, chosen in registry["choices"].items():
        more = {**chosen, "opted_in": [*chosen.get("opted_in", []), "assistant"]}
        choices = ChosenFeatures.model_validate_json(json.dumps(more)).choices()
        await stores.subjects.choose(SubjectId(name), choices)
    for consent in registry["consents"]:
        said = {key: value for key, value in consent.items() if key != "subject"}
        report = ConsentReport.model_validate_json(json.dumps(said))
        await stores.registry.record(report.request(SubjectId(consent["subject"])))
    return key


async def main() -> None:
    async with open_stores(read()) as stores:
        sys.stdout.write(await register(stores) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
