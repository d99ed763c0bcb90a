"""What a vendor says about places of its own text (citations): the places move with the values put back before them.

OpenAI counts ``start_index`` and ``end_index`` in characters of the text that the annotation belongs to. Where the new
place is not known the index is left out; an index of a file, and places in a request, stay.
"""

from collections.abc import Callable

from ai_gateway.protocols.shape import Json

PLACES = ("start_index", "end_index")

Placed = Callable[[int], int | None]


def moved(annotation: Json, place: Placed) -> Json:
    """One annotation, or a list of them."""
    match annotation:
        case list():
            return [moved(one, place) for one in annotation]
        case dict():
            told: dict[str, Json] = {}
            for name, value in annotation.items():
                if name in PLACES and type(value) is int:
                    now = place(value)
                    if now is not None:
                        told[name] = now
                else:
                    told[name] = moved(value, place) if isinstance(value, dict) else value
            return told
        case _:
            return annotation
