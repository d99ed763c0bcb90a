import pytest

from ai_gateway.adapters.key_file import KeyFile, create_key_file
from ai_gateway.adapters.sealing import KeyedSeal, derive, installation_secret
from registries import key_file

SECRET = bytes(range(32))
SEAL = KeyedSeal(SECRET, "test")


def test_what_was_sealed_is_opened_in_its_own_context_alone() -> None:
    sealed = SEAL.seal(b"text", b"here")
    assert SEAL.open(sealed, b"here") == b"text"
    assert SEAL.open(sealed, b"there") is None


def test_the_same_text_is_never_sealed_to_the_same_bytes() -> None:
    assert len({SEAL.seal(b"text", b"") for _ in range(50)}) == 50


def test_a_change_of_any_byte_is_noticed() -> None:
    sealed = SEAL.seal(b"text", b"")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert SEAL.open(bytes(changed), b"") is None


def test_bytes_that_nobody_sealed_are_not_opened() -> None:
    for other in (b"", b"\x01", bytes(13), b"\x01" + bytes(12), b"\x01" + bytes(40)):
        assert SEAL.open(other, b"") is None


def test_another_secret_or_use_opens_nothing_and_tags_differently() -> None:
    for other in (KeyedSeal(bytes(32), "test"), KeyedSeal(SECRET, "another")):
        assert other.open(SEAL.seal(b"text", b""), b"") is None
        assert other.tag("label", b"x") != SEAL.tag("label", b"x")


def test_tags_differ_by_label_and_by_every_boundary() -> None:
    tags = [
        SEAL.tag("l", b"ab", b"c"),
        SEAL.tag("l", b"a", b"bc"),
        SEAL.tag("l", b"abc"),
        SEAL.tag("l", b"abc", b""),
        SEAL.tag("la", b"bc"),
        SEAL.tag("l"),
    ]
    assert len(set(tags)) == len(tags)
    assert all(len(tag) == 32 for tag in tags)
    assert SEAL.tag("l", b"abc") == KeyedSeal(SECRET, "test").tag("l", b"abc")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        derive(b"short", "test")


def test_the_installations_secret_outlives_key_epochs_and_is_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    first = key_file(tmp_path_factory.mktemp("one"))
    second = first.with_name("registry.epoch-2.key")
    create_key_file(second, previous=first)
    other = key_file(tmp_path_factory.mktemp("other"))
    assert installation_secret(KeyFile(first)) == installation_secret(KeyFile(second))
    assert installation_secret(KeyFile(first)) != installation_secret(KeyFile(other))
