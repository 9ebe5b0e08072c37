"""What ClamAV finds is refused, however it is wrapped; what it does not answer is no verdict."""

import asyncio
import tempfile
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from shared.documents.errors import DocumentRefused, ScannerAway
from shared.documents.pipeline import prepare
from shared.documents.scanner import Scanner, scanner_from
from tests.harness.clamav import CLAMD, clamd
from tests.harness.hostile import HOSTILE
from tests.harness.hostile.kinds import EICAR, zipped
from tests.harness.hostile.papers import embedded, pdf
from tests.harness.hostile.pictures import heic, jpeg
from tests.harness.hostile.raw import raw_pdf, stream

needs_clamd = pytest.mark.skipif(not CLAMD, reason="clamd is not installed (Debian: clamav-daemon)")
INFECTED: dict[str, Callable[[], bytes]] = {
    "bare": lambda: EICAR,
    "behind a JPEG": lambda: jpeg() + EICAR,
    "in a ZIP called .jpg": lambda: zipped(photo=EICAR),
    "in a ZIP in a ZIP": lambda: zipped(inner=zipped(photo=EICAR)),
    "in a file within a PDF": lambda: raw_pdf(extra=file(EICAR)),
    "in a ZIP within a PDF": lambda: raw_pdf(extra=file(zipped(photo=EICAR))),
    "in a JPEG's comment": lambda: jpeg(comment=EICAR),
}
CLEAN: dict[str, Callable[[], bytes]] = {"JPEG": jpeg, "HEIC": heic, "PDF": pdf, "empty": bytes}


def file(content: bytes) -> bytes:
    return stream(zlib.compress(content), "/Type/EmbeddedFile/Filter/FlateDecode")


@pytest.fixture(scope="module")
async def scanner() -> AsyncIterator[Scanner]:
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder:
        async with clamd(Path(folder)) as started:
            yield started


@needs_clamd
@pytest.mark.parametrize("how", INFECTED)
async def test_eicar_is_found_however_it_is_wrapped(scanner: Scanner, how: str) -> None:
    with pytest.raises(DocumentRefused, match="infected"):
        await scanner.scan(INFECTED[how]())


@needs_clamd
async def test_what_the_scanner_overlooks_stays_locked(scanner: Scanner) -> None:
    """ClamAV 1.4 does not look into a deflated file whose entry has a dictionary within it, as many programs write."""
    overlooked = embedded(EICAR)
    with suppress(DocumentRefused):
        await scanner.scan(overlooked)
    assert (await prepare(overlooked)).locked


@needs_clamd
@pytest.mark.parametrize("what", CLEAN)
async def test_what_is_clean_passes(scanner: Scanner, what: str) -> None:
    await scanner.scan(CLEAN[what]())


@needs_clamd
async def test_many_are_scanned_at_once(scanner: Scanner) -> None:
    large = HOSTILE["larger-than-allowed"].make()
    found = await asyncio.gather(*(scanner.scan(large + EICAR * (n % 2)) for n in range(6)), return_exceptions=True)
    assert [isinstance(one, DocumentRefused) for one in found] == [False, True] * 3


@needs_clamd
async def test_what_is_too_large_for_the_scanner_is_not_called_clean(scanner: Scanner) -> None:
    with pytest.raises(ScannerAway):
        await scanner.scan(bytes(26 * 1024 * 1024))


async def test_a_scanner_that_is_away_gives_no_verdict(tmp_path: Path) -> None:
    away = scanner_from(f"unix://{tmp_path}/clamd.sock")
    assert away
    with pytest.raises(ScannerAway):
        await away.scan(b"x")


@pytest.mark.parametrize("said", [b"", b"stream: ERROR\0", b"UNKNOWN COMMAND\0", b"OK\0", b"stream: OK but\0"])
async def test_only_a_clear_ok_is_clean(said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\0\0\0\0")
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        strange = scanner_from(f"tcp://{host}:{port}")
        assert strange
        with pytest.raises(ScannerAway):
            await strange.scan(b"x")


def test_no_url_means_no_scanner_and_another_one_is_refused() -> None:
    assert scanner_from("") is None
    with pytest.raises(ValueError, match="tcp://host:port"):
        scanner_from("http://clamav:3310")
