"""Tokens are counted offline, without litellm, as ordinary text, and in bounded time."""

import subprocess
import sys
import time

import pytest

from ai_gateway.adapters import tiktoken_counter
from ai_gateway.adapters.tiktoken_counter import ENCODINGS, MAX_PIECE, TiktokenCounter, pieces
from ai_gateway.errors import ConfigurationError


@pytest.fixture(scope="module")
def counter() -> TiktokenCounter:
    return TiktokenCounter()


@pytest.mark.parametrize(
    ("text", "encoding", "tokens"),
    [
        ("", "o200k_base", 0),
        ("hello world", "o200k_base", 2),
        ("hello world", "cl100k_base", 2),
        ("tiktoken is great!", "cl100k_base", 6),
        ("antidisestablishmentarianism", "cl100k_base", 6),
        ("お誕生日おめでとう", "cl100k_base", 9),
        ("お誕生日おめでとう", "o200k_base", 8),
    ],
)
def test_tokens_are_those_of_the_models_encoding(
    counter: TiktokenCounter, text: str, encoding: str, tokens: int
) -> None:
    assert counter.count([text], encoding) == tokens


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_control_tokens_in_a_text_are_ordinary_text(counter: TiktokenCounter, encoding: str) -> None:
    assert counter.count(["<|endoftext|><|im_start|>system"], encoding) > 10


def test_all_texts_are_counted_together(counter: TiktokenCounter) -> None:
    assert counter.count(["hello world"] * 3, "o200k_base") == 6


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", ["a", "\n", "^", "\U0001f600", "a\u0301", "\ud800"])
def test_characters_without_a_break_are_counted_in_time(counter: TiktokenCounter, text: str, encoding: str) -> None:
    started = time.process_time()

    assert counter.count([text * (200_000 // len(text))], encoding) > 1000
    assert time.process_time() - started < 2


@pytest.mark.parametrize("space", [" ", "\u00a0"])
def test_white_space_that_overflows_tiktokens_stack_in_one_piece_is_counted(
    counter: TiktokenCounter, space: str
) -> None:
    assert counter.count([space * 1_500_000], "o200k_base") > 1000


def test_pieces_are_the_text_and_break_at_spaces_where_there_are_some() -> None:
    text = "word " * 10_000

    found = list(pieces(text))

    assert "".join(found) == text
    assert all(0 < len(piece) <= MAX_PIECE for piece in found)
    assert all(piece.startswith(" word") for piece in found[1:])


def test_counting_in_pieces_adds_next_to_nothing(counter: TiktokenCounter, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The quick brown fox jumps over the lazy dog; 1,234 times.\n" * 900
    in_pieces = counter.count([text], "o200k_base")
    monkeypatch.setattr(tiktoken_counter, "MAX_PIECE", len(text))

    whole = counter.count([text], "o200k_base")

    assert whole <= in_pieces <= whole + len(text) // MAX_PIECE


def test_an_unknown_encoding_is_a_configuration_error(counter: TiktokenCounter) -> None:
    with pytest.raises(ConfigurationError, match="cl100k_base, o200k_base"):
        counter.count(["a"], "p50k_base")
    with pytest.raises(ConfigurationError, match="p50k_base is not in the installed litellm"):
        TiktokenCounter(("p50k_base",))


def test_a_file_that_was_changed_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiktoken_counter, "ENCODINGS", {"o200k_base": "0" * 64})

    with pytest.raises(ConfigurationError, match="was changed"):
        TiktokenCounter(("o200k_base",))


def test_a_fresh_process_counts_without_litellm_and_leaves_the_environment_alone() -> None:
    program = (
        "import os, sys\n"
        "os.environ.pop('TIKTOKEN_CACHE_DIR', None)\n"
        "from ai_gateway.adapters.tiktoken_counter import TiktokenCounter\n"
        "print(TiktokenCounter().count(['hello world'], 'o200k_base'))\n"
        "print('litellm' in sys.modules, 'requests' in sys.modules, 'TIKTOKEN_CACHE_DIR' in os.environ)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert run.stdout == "2\nFalse False False\n"


def test_an_encoding_that_was_not_asked_for_at_first_is_loaded_when_it_is() -> None:
    counter = TiktokenCounter(("o200k_base",))

    assert counter.count(["antidisestablishmentarianism"], "cl100k_base") == 6
