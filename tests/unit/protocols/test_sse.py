import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_gateway.errors import VendorReplyUnreadable
from ai_gateway.protocols import sse

STREAM = (
    '\ufeffevent: message_start\r\ndata: {"a": "žluťoučký 😀"}\r\n\r\n: ping\n\n'
    "data: first\ndata: second\n\nid: 7\nretry: 10\ndata:no space\r\rdata: [DONE]\n\n"
).encode()
EVENTS = [
    sse.Event(name="message_start", data='{"a": "žluťoučký 😀"}'),
    sse.Event(comment=True),
    sse.Event(data="first\nsecond"),
    sse.Event(data="no space"),
    sse.Event(data="[DONE]"),
]


def read(*pieces: bytes) -> list[sse.Event]:
    reader = sse.Reader()
    return [event for piece in pieces for event in reader.feed(piece)]


def test_a_stream_is_read_as_the_standard_says() -> None:
    assert read(STREAM) == EVENTS


def test_every_split_in_two_gives_the_same_events() -> None:
    for cut in range(len(STREAM) + 1):
        assert read(STREAM[:cut], STREAM[cut:]) == EVENTS, cut


def test_one_byte_at_a_time_gives_the_same_events() -> None:
    assert read(*(STREAM[i : i + 1] for i in range(len(STREAM)))) == EVENTS


@given(st.lists(st.text(st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"])), max_size=6))
def test_what_is_written_reads_back(texts: list[str]) -> None:
    events = [sse.Event(name="x", data=text) for text in texts]
    assert read(b"".join(event.encode() for event in events)) == events


def test_an_event_without_end_is_refused_before_it_fills_the_memory() -> None:
    reader = sse.Reader()
    pieces = itertools.repeat(b"x" * (1 << 20), 20)
    with pytest.raises(VendorReplyUnreadable):
        list(map(reader.feed, pieces))


def test_a_last_event_without_its_empty_line_is_an_event() -> None:
    reader = sse.Reader()
    assert reader.feed(b"data: 1\n\nevent: x\ndata: \xe2\x82") == [sse.Event(data="1")]
    assert reader.feed(b"\xac\n") == []
    assert reader.finish() == [sse.Event(data="€", name="x")]
    assert reader.finish() == []


def test_nothing_is_left_of_a_stream_that_ended_well() -> None:
    reader = sse.Reader()
    reader.feed(STREAM)
    assert reader.finish() == []
