"""Encryption at rest: only the right key opens a thing, as what it was sealed, whole and in order."""

import os
import stat
from pathlib import Path

import pytest

from shared.documents.sealed import CHUNK_BYTES, HEADER_BYTES, SEALED_CHUNK_BYTES, CannotDecrypt, DataKey, MasterKeys

WHAT = ("application-1", "document-1", "copy")
DATA = os.urandom(CHUNK_BYTES * 3 + 17)
KEY = DataKey.generate()
SEALED = KEY.encrypt(DATA, *WHAT)


def pieces(sealed: bytes) -> list[bytes]:
    return [
        sealed[start : start + SEALED_CHUNK_BYTES] for start in range(HEADER_BYTES, len(sealed), SEALED_CHUNK_BYTES)
    ]


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, CHUNK_BYTES * 3])
def test_what_is_encrypted_opens_again(size: int) -> None:
    assert KEY.decrypt(KEY.encrypt(DATA[:size], *WHAT), *WHAT) == DATA[:size]


def test_nothing_readable_is_stored_and_no_two_are_alike() -> None:
    letter = b"Sehr geehrte Frau Muster" * 100
    first, second = KEY.encrypt(letter, *WHAT), KEY.encrypt(letter, *WHAT)
    assert b"Muster" not in first
    assert first != second


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(CannotDecrypt):
        DataKey.generate().decrypt(SEALED, *WHAT)


@pytest.mark.parametrize(
    "other",
    [
        ("application-2", *WHAT[1:]),
        (WHAT[0], "document-2", "copy"),
        (*WHAT[:2], "original"),
        ("application-1document-1", "copy"),
    ],
)
def test_one_put_in_anothers_place_does_not_open(other: tuple[str, ...]) -> None:
    with pytest.raises(CannotDecrypt):
        KEY.decrypt(SEALED, *other)


def broken() -> dict[str, bytes]:
    head, parts = SEALED[:HEADER_BYTES], pieces(SEALED)
    flipped = bytearray(SEALED)
    flipped[len(SEALED) // 2] ^= 1
    return {
        "nothing": b"",
        "half a header": head[:10],
        "header alone": head,
        "last chunk missing": head + b"".join(parts[:-1]),
        "first chunk missing": head + b"".join(parts[1:]),
        "chunks swapped": head + parts[1] + parts[0] + b"".join(parts[2:]),
        "chunk twice": head + parts[0] + b"".join(parts),
        "last byte missing": SEALED[:-1],
        "one byte more": SEALED + b"x",
        "one bit changed": bytes(flipped),
        "chunk of another": head + pieces(KEY.encrypt(DATA, *WHAT))[0] + b"".join(parts[1:]),
    }


@pytest.mark.parametrize("how", broken())
def test_what_was_changed_cut_or_reordered_does_not_open(how: str) -> None:
    with pytest.raises(CannotDecrypt):
        KEY.decrypt(broken()[how], *WHAT)


def test_a_data_key_is_stored_wrapped() -> None:
    masters = MasterKeys([os.urandom(32)])
    assert DataKey.unwrap(KEY.wrap(masters), masters).decrypt(SEALED, *WHAT) == DATA


def test_master_keys_can_be_changed() -> None:
    old, new = os.urandom(32), os.urandom(32)
    wrapped = KEY.wrap(MasterKeys([old]))
    both = MasterKeys([new, old])
    again = DataKey.unwrap(wrapped, both).wrap(both)
    assert DataKey.unwrap(again, MasterKeys([new])).decrypt(SEALED, *WHAT) == DATA
    with pytest.raises(CannotDecrypt):
        DataKey.unwrap(wrapped, MasterKeys([new]))


@pytest.mark.parametrize("cut", [0, 5, 8, 40, -1])
def test_a_wrapped_key_that_was_cut_does_not_open(cut: int) -> None:
    masters = MasterKeys([os.urandom(32)])
    with pytest.raises(CannotDecrypt):
        DataKey.unwrap(KEY.wrap(masters)[:cut], masters)


def test_the_key_file_is_its_owners_and_is_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    MasterKeys.create(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert DataKey.unwrap(KEY.wrap(MasterKeys.read(file)), MasterKeys.read(file))
    with pytest.raises(FileExistsError):
        MasterKeys.create(file)


@pytest.mark.parametrize("content", ["", "not base64!", "c2hvcnQ="])
def test_a_key_file_that_holds_no_key_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys").write_text(content)
    with pytest.raises(ValueError, match=r".+"):
        MasterKeys.read(tmp_path / "keys")
