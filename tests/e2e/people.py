"""The planted people as the gateway knows them: who asks is registered, and so is whom they write about."""

from typing import Any

ACTOR, ABOUT = "pro_1", "cli_1"
PEOPLE: dict[str, dict[str, Any]] = {
    ACTOR: {
        "role": "independent_professional",
        "known": {
            "names": ["Zephyrine Quillfeather", "Dana Okafor"],
            "emails": ["zephyrine@quillfeather.example", "dana@okafor.example"],
            "phones": ["415-555-0173"],
            "handles": ["zephquill", "danabuilds"],
        },
    },
    ABOUT: {
        "role": "client",
        "known": {"names": ["Sam Lee"], "emails": ["sam.lee@brightwater.example"], "organizations": ["Brightwater"]},
    },
}
HEADERS = {"X-AI-Gateway-Actor": ACTOR}
METADATA = {"subjects": ABOUT}
LETTER = (
    'Dana Okafor ("danabuilds", dana@okafor.example) writes to Sam Lee today.\n'
    "Sam Lee of Brightwater answers from sam.lee@brightwater.example: call 415-555-0173.\n"
    "Zephyrine Quillfeather agrees 👍"
)
"""Names, quotes, line ends and a character beyond the BMP."""
OWN = "Dana Okafor (danabuilds, dana@okafor.example) asks. Zephyrine Quillfeather knows: 415-555-0173."
"""Of nobody but who asks: the gateway knows them without being told whom else a request is about."""
