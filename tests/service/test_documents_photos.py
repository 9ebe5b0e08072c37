"""Photos from phones: upright, converted, shrunk, and silent about where they were taken."""

import asyncio
import io

import psutil
import pytest
from PIL import Image

from shared.documents import drawn
from shared.documents.errors import DocumentRefused, WorkerAway
from shared.documents.limits import Limits
from shared.documents.pipeline import Prepared, combine, prepare
from tests.harness.hostile.papers import pdf, tiny_tiles
from tests.harness.hostile.pictures import heic, jpeg, picture, saved, with_gps
from tests.harness.waiting import eventually

CORNERS = {(0, 0): "red", (1, 0): "green", (0, 1): "blue", (1, 1): "white"}
COLOURS = {"red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
# How a camera stores what it saw, by EXIF's number: the opposite of how it is to be turned back.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def seen(prepared: Prepared, page: int = 0) -> Image.Image:
    return Image.open(io.BytesIO(drawn.read(prepared.pdf)[page].jpeg))


def assert_upright(image: Image.Image) -> None:
    assert image.width > image.height
    for (right, low), colour in CORNERS.items():
        found = image.getpixel((right * (image.width - 40) + 20, low * (image.height - 40) + 20))
        assert isinstance(found, tuple)
        assert all(abs(a - b) < 30 for a, b in zip(found, COLOURS[colour], strict=True)), (colour, found)


@pytest.mark.parametrize("orientation", STORED)
async def test_a_photo_is_shown_as_it_was_seen(orientation: int) -> None:
    turn, exif = STORED[orientation], Image.Exif()
    exif[0x0112] = orientation
    stored = picture() if turn is None else picture().transpose(turn)
    assert_upright(seen(await prepare(saved(stored, "JPEG", quality=90, exif=exif))))


async def test_nothing_says_any_more_where_a_photo_was_taken() -> None:
    original = with_gps()
    with Image.open(io.BytesIO(original)) as image:
        assert image.getexif().get_ifd(0x8825), "the original says it"
    prepared = await prepare(original)
    assert not seen(prepared).getexif()
    assert b"Exif" not in prepared.pdf


async def test_heic_becomes_a_page_like_any_other() -> None:
    prepared = await prepare(heic((1600, 1200)))
    assert (prepared.kind, prepared.pages, prepared.locked) == ("heic", 1, False)
    assert_upright(seen(prepared))


async def test_what_is_transparent_becomes_white_paper() -> None:
    clear = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    assert seen(await prepare(saved(clear, "PNG"))).getpixel((100, 100)) == (255, 255, 255)


async def test_sixteen_bits_a_channel_keep_their_shades() -> None:
    grey = Image.new("I;16", (100, 100), 128 * 256)
    assert seen(await prepare(saved(grey, "PNG"))).getpixel((50, 50)) == 128


async def test_a_photo_of_a_large_sensor_is_shrunk() -> None:
    large = saved(Image.new("RGB", (8160, 6120), "navy"), "JPEG")
    assert seen(await prepare(large)).size == (2500, 1875)


async def test_several_papers_become_one_in_their_order() -> None:
    parts = [await prepare(data) for data in (jpeg(), pdf(pages=3), saved(picture((300, 900)), "PNG"))]
    pages = drawn.read(await combine([part.pdf for part in parts]))
    assert [part.pages for part in parts] == [1, 3, 1]
    assert [page for part in parts for page in drawn.read(part.pdf)] == pages


async def test_a_pdf_that_was_not_drawn_here_is_not_combined() -> None:
    with pytest.raises(DocumentRefused, match="damaged"):
        await combine([pdf()])


async def test_what_computes_too_long_is_ended() -> None:
    with pytest.raises(DocumentRefused, match="too-complex"):
        await prepare(tiny_tiles(), Limits(seconds=2))


async def test_a_child_that_somebody_else_ends_is_no_verdict() -> None:
    """A system without memory kills it, or one that shuts down: the paper is not to blame, and stays."""
    task = asyncio.create_task(prepare(tiny_tiles()))
    await eventually(children)
    for child in await children():
        child.kill()
    with pytest.raises(WorkerAway):
        await task


async def test_whoever_stops_waiting_leaves_no_child_behind() -> None:
    task = asyncio.create_task(prepare(tiny_tiles()))
    await eventually(children)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await children()


async def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "shared.documents.worker" in child.cmdline()]
