"""Presidio with spaCy's small English model, as people pick it: run by ``detectors.py`` in an environment of its own.

Reads one JSON string a line, writes ``[seconds of CPU, [[start, end, TYPE, score], …]]`` for each. Dates and
nationalities are left out: the sets do not label them.
"""

import gc
import json
import sys
import time

from presidio_analyzer import AnalyzerEngine  # in its own environment
from presidio_analyzer.nlp_engine import NlpEngineProvider

_LEFT_OUT = ("DATE_TIME", "NRP")


def main() -> None:
    configuration = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": sys.argv[1]}]}
    engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=configuration).create_engine())
    wanted = [entity for entity in engine.get_supported_entities("en") if entity not in _LEFT_OUT]
    engine.analyze("Warm.", language="en", entities=wanted)
    gc.collect()
    gc.freeze()  # as the gateway does once it is ready: neither is measured with the collector in its models
    for line in sys.stdin:
        started = time.process_time()
        found = engine.analyze(json.loads(line), language="en", entities=wanted)
        spent = time.process_time() - started
        sys.stdout.write(json.dumps([spent, [[r.start, r.end, r.entity_type, r.score] for r in found]]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
