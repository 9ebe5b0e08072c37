"""Sealing keys: who has the file can read, nobody else can, and a destroyed key is gone for good."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.notifications.keys import KeyRing, SealingKey, UnreadableRecipient
from shared.contracts.values import SealedRecipient
from shared.sealing import Recipient, seal

NOW = datetime(2026, 9, 7, 7, tzinfo=UTC)
AYLIN = Recipient(email="aylin@example.org", name="Aylin Öz 🙂", language="de", values={"code": "ABCD-EFGH"})


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "secrets" / "keys.json")


def sealed_with(key: SealingKey) -> SealedRecipient:
    return seal(AYLIN, key.id, bytes(key.private_key.public_key))


def file_of(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "keys.json"


def test_what_was_sealed_is_opened_unchanged(ring: KeyRing) -> None:
    assert ring.open(sealed_with(ring.create(NOW))) == AYLIN


def test_a_sealed_recipient_shows_nothing_and_is_never_the_same_twice(ring: KeyRing) -> None:
    key = ring.create(NOW)
    one, other = sealed_with(key), sealed_with(key)
    assert one.box != other.box
    assert "aylin" not in one.model_dump_json().lower()


def test_a_destroyed_key_leaves_its_recipients_unreadable_and_others_readable(ring: KeyRing) -> None:
    old, new = ring.create(NOW), ring.create(NOW + timedelta(days=30))
    ring.destroy(old.id)
    with pytest.raises(UnreadableRecipient):
        ring.open(sealed_with(old))
    assert ring.open(sealed_with(new)) == AYLIN
    assert [key.id for key in ring.all()] == [new.id]


def test_the_file_does_not_keep_a_destroyed_key(ring: KeyRing, tmp_path: Path) -> None:
    old, _ = ring.create(NOW), ring.create(NOW)
    ring.destroy(old.id)
    kept = b"".join(file.read_bytes() for file in file_of(tmp_path).parent.iterdir())
    assert old.private.encode() not in kept


@pytest.mark.parametrize("box", ["", "AAAA", "not base64!", "ä", "AAAA" * 100])
def test_a_box_that_is_none_is_unreadable(ring: KeyRing, box: str) -> None:
    with pytest.raises(UnreadableRecipient):
        ring.open(SealedRecipient(key_id=ring.create(NOW).id, box=box))


def test_a_box_under_the_wrong_key_is_unreadable(ring: KeyRing) -> None:
    one, other = ring.create(NOW), ring.create(NOW)
    with pytest.raises(UnreadableRecipient):
        ring.open(SealedRecipient(key_id=other.id, box=sealed_with(one).box))


def test_nobody_but_the_owner_may_read_the_file(ring: KeyRing, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ring.create(NOW)
        ring.create(NOW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file_of(tmp_path).stat().st_mode) == 0o600


def test_what_a_crash_left_is_overwritten_and_nobody_else_may_read_it(ring: KeyRing, tmp_path: Path) -> None:
    ring.create(NOW)
    left = file_of(tmp_path).with_suffix(".new")
    left.write_text('{"keys": [{"id": "half', encoding="utf-8")
    left.chmod(0o644)
    ring.create(NOW)
    assert len(KeyRing(file_of(tmp_path)).all()) == 2
    assert stat.S_IMODE(file_of(tmp_path).stat().st_mode) == 0o600
    assert not left.exists()


def test_a_write_that_fails_leaves_the_old_file(ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ring.create(NOW)

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        ring.create(NOW)
    assert [k.id for k in KeyRing(file_of(tmp_path)).all()] == [key.id]


def test_a_ring_sees_what_another_replica_wrote(ring: KeyRing, tmp_path: Path) -> None:
    replica = KeyRing(file_of(tmp_path))
    assert replica.all() == []
    key = ring.create(NOW)
    assert [k.id for k in replica.all()] == [key.id]
    ring.destroy(key.id)
    assert replica.all() == []


def test_also_when_both_writes_fall_into_one_tick_of_the_file_systems_clock(ring: KeyRing, tmp_path: Path) -> None:
    """Linux stamps files by a clock that ticks every few milliseconds."""
    replica = KeyRing(file_of(tmp_path))
    ring.create(NOW)
    tick = file_of(tmp_path).stat().st_mtime_ns
    assert len(replica.all()) == 1
    ring.create(NOW)
    os.utime(file_of(tmp_path), ns=(tick, tick))
    assert len(replica.all()) == 2


def test_a_private_key_does_not_show_up_where_keys_are_printed(ring: KeyRing) -> None:
    key = ring.create(NOW)
    assert key.private not in repr(key)
    assert key.private not in str([key])


def test_keys_are_listed_oldest_first(ring: KeyRing, tmp_path: Path) -> None:
    new, old = ring.create(NOW + timedelta(days=1)), ring.create(NOW)
    assert [key.id for key in ring.all()] == [old.id, new.id]
    assert {key["id"] for key in json.loads(file_of(tmp_path).read_text(encoding="utf-8"))["keys"]} == {old.id, new.id}
