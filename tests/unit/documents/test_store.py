"""The document store: whole or not at all, away or missing, but never half."""

import asyncio
import shutil
from pathlib import Path

import pytest

from shared.documents.errors import ObjectMissing, StoreAway
from shared.documents.store import Store

S3 = {"AWS_ALLOW_HTTP": "true", "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
NAME = "town/application-1/document-1-copy"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "documents"


@pytest.fixture
def store(folder: Path) -> Store:
    return Store.from_url(folder.as_uri())


async def test_what_is_put_is_got_and_after_deletion_missing(store: Store) -> None:
    await store.put(NAME, b"sealed")
    assert await store.get(NAME) == b"sealed"
    await store.delete(NAME)
    await store.delete(NAME)
    with pytest.raises(ObjectMissing):
        await store.get(NAME)


async def test_it_is_still_there_for_another_process(store: Store, folder: Path) -> None:
    await store.put(NAME, b"sealed")
    assert await Store.from_url(folder.as_uri()).get(NAME) == b"sealed"


async def test_a_store_that_is_away_says_so_and_is_back_when_it_is(store: Store, folder: Path) -> None:
    await store.put(NAME, b"sealed")
    kept = folder.rename(folder.with_name("elsewhere"))
    folder.write_bytes(b"something in the way")
    for attempt in (store.get(NAME), store.put(NAME, b"x"), store.delete(NAME)):
        with pytest.raises(StoreAway):
            await attempt
    folder.unlink()
    kept.rename(folder)
    assert await store.get(NAME) == b"sealed"


async def test_a_folder_that_has_gone_is_no_store_without_objects(store: Store, folder: Path) -> None:
    await store.put(NAME, b"sealed")
    shutil.rmtree(folder)
    for attempt in (store.get(NAME), store.delete(NAME)):
        with pytest.raises(StoreAway):
            await attempt


async def test_nobody_ever_reads_a_half_written_object(store: Store, folder: Path) -> None:
    """Read again and again while two large versions replace each other."""
    versions = [bytes([number]) * 4_000_000 for number in (1, 2)]
    await store.put(NAME, versions[0])
    writing = asyncio.gather(*(store.put(NAME, versions[turn % 2]) for turn in range(20)))
    reads = 0
    while not writing.done() or reads < 10:
        assert await store.get(NAME) in versions
        reads += 1
    await writing
    assert [file.name for file in folder.rglob("*") if file.is_file()] == ["document-1-copy"], "nothing is left over"


async def test_an_s3_store_that_is_asked_and_fails_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n")).split()[0])
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        for name, value in (S3 | {"AWS_ENDPOINT": f"http://127.0.0.1:{port}"}).items():
            monkeypatch.setenv(name, value)
        store = Store.from_url("s3://documents/prefix")
        for attempt in (store.put(NAME, b"x"), store.get(NAME), store.delete(NAME)):
            with pytest.raises(StoreAway):
                await attempt
    assert set(asked) == {b"PUT", b"GET", b"POST"}


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../a", "a/../b", "a//b", "A", "a/", "a b", "a\n"])
async def test_a_name_that_leads_elsewhere_is_refused(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="no name of an object"):
        await store.put(name, b"x")


@pytest.mark.parametrize("url", ["", "documents", "http://example.org/x", "s3:///x", "memory:///"])
def test_an_unknown_store_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="s3://bucket/prefix"):
        Store.from_url(url)
