import json
from pathlib import Path

import pytest

from ai_gateway.adapters.key_file import KeyFile, create_key_file
from ai_gateway.errors import ConfigurationError, KeyUnavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "share-log.epoch-1.key"
    create_key_file(path)
    return path


def test_what_is_wrapped_is_unwrapped_in_its_own_context_alone(path: Path) -> None:
    key = KeyFile(path)
    epoch, wrapped = key.wrap(b"k" * 32, b"person")
    assert epoch == 1
    assert KeyFile(path).unwrap(epoch, wrapped, b"person") == b"k" * 32
    for other in ((1, wrapped, b"another"), (2, wrapped, b"person"), (1, wrapped[:-1], b"person"), (1, b"", b"person")):
        with pytest.raises(KeyUnavailable):
            key.unwrap(*other)


def test_wrapping_twice_gives_no_equal_bytes(path: Path) -> None:
    key = KeyFile(path)
    assert key.wrap(b"k" * 32, b"person") != key.wrap(b"k" * 32, b"person")


def test_the_file_and_its_folder_are_their_owners_alone(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused(path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        KeyFile(path)


def test_a_key_beside_the_data_is_refused(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="outside"):
        KeyFile(path, outside=path.parent)
    with pytest.raises(ConfigurationError, match="outside"):
        KeyFile(path, outside=path.parent.parent)
    KeyFile(path, outside=path.parent / "data")


def test_an_existing_key_is_never_written_over(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="exists"):
        create_key_file(path)
    assert path.read_bytes() == before


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="keys init"):
        KeyFile(tmp_path / "share-log.epoch-1.key")


def test_a_name_without_an_epoch_is_refused(tmp_path: Path) -> None:
    for name in ("share-log.key", "share-log.epoch-0.key", ".epoch-1.key"):
        with pytest.raises(ConfigurationError, match="epoch-1"):
            create_key_file(tmp_path / name)


@pytest.mark.parametrize(
    "damage", [{"wrap": "00"}, {"epoch": 2}, {"format": "other/1"}, {"blind": None}, {"wrap": "zz"}]
)
def test_a_damaged_file_is_refused(path: Path, damage: dict[str, object]) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **damage}))
    with pytest.raises(ConfigurationError, match="not a key file"):
        KeyFile(path)


def test_a_link_is_not_followed(path: Path) -> None:
    link = path.with_name("linked.epoch-1.key")
    link.symlink_to(path)
    with pytest.raises(ConfigurationError):
        KeyFile(link)


def test_a_later_epoch_reads_the_earlier_ones_and_blinds_alike(path: Path) -> None:
    old = KeyFile(path)
    wrapped = old.wrap(b"k" * 32, b"person")
    later = path.with_name("share-log.epoch-2.key")
    create_key_file(later, previous=path)
    new = KeyFile(later)
    assert new.epoch == 2
    assert new.unwrap(*wrapped, b"person") == b"k" * 32
    assert new.blind(b"ann") == old.blind(b"ann") != old.blind(b"ben")
    path.unlink()
    with pytest.raises(KeyUnavailable):
        KeyFile(later).unwrap(*wrapped, b"person")


def test_an_earlier_epoch_or_another_name_does_not_follow(path: Path) -> None:
    for name in ("share-log.epoch-1.key", "other.epoch-2.key"):
        with pytest.raises(ConfigurationError, match="later epoch"):
            create_key_file(path.with_name(name), previous=path)


def test_a_repr_shows_no_key(path: Path) -> None:
    assert repr(KeyFile(path)) == "KeyFile(epoch=1)"
