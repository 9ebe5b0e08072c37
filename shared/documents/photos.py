"""A photo becomes one page: decoded by the one decoder of its kind, upright, of bearable size, without metadata."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EMFILE

import pillow_heif
from PIL import Image
from PIL.Image import Transpose

from shared.documents.drawn import Page
from shared.documents.errors import DocumentRefused
from shared.documents.kinds import Kind
from shared.documents.limits import DEFAULT, Limits

LONGEST = 2500  # pixels: an A4 page at 210 dpi
FORMATS: dict[Kind, str] = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF"}
ORIENTATION = 0x0112
# By EXIF's number: how to turn what the camera has stored, so that it is as it was seen.
TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
DEEP = {"I", "F", "I;16", "I;16B", "I;16L"}  # one channel, deeper than eight bits

pillow_heif.register_heif_opener(thumbnails=False)
pillow_heif.options.DECODE_THREADS = 1
Image.MAX_IMAGE_PIXELS = None  # counted below, with an answer of our own


@contextmanager
def decoding() -> Iterator[None]:
    """Turn whatever a decoder raises about its input into a refusal."""
    try:
        yield
    except (DocumentRefused, MemoryError, RecursionError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno == EMFILE:
            raise  # something was loaded too late: our fault
        raise DocumentRefused("damaged") from error


def rehearse() -> None:
    """Draw a small photo of each kind, so that all that is needed is loaded before the child opens no file any more."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    kind: Kind
    for kind in ("jpeg", "png", "webp"):
        stream = io.BytesIO()
        Image.new("RGB", (8, 16)).save(stream, FORMATS[kind], exif=exif)
        if draw(stream.getvalue(), kind, DEFAULT).pixels != (16, 8):
            raise RuntimeError(f"{kind} is not turned")


def draw(data: bytes, kind: Kind, limits: Limits) -> Page:
    """Return the photo's page; of an animation its first picture. Raises `DocumentRefused` and `MemoryError`."""
    with decoding():
        image = Image.open(io.BytesIO(data), formats=[FORMATS[kind]])
    if image.width * image.height > limits.max_pixels:
        raise DocumentRefused("too-many-pixels")
    with decoding():
        image.draft(None, (LONGEST, LONGEST))  # a JPEG is decoded at half, a quarter, an eighth of its size
        image.load()
    small = _eight_bits(image)
    small.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return Page.of(_opaque(_upright(small, image)))


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return it in a mode that can be shrunk smoothly."""
    if image.mode in DEEP:
        # Sixteen bits by what 8-bit screens show of them: the upper eight.
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"P", "PA"}:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image.convert("L") if image.mode == "1" else image


def _upright(small: Image.Image, original: Image.Image) -> Image.Image:
    """Turn and mirror it as the camera noted; a note that cannot be read says nothing."""
    with suppress(Exception):
        turn = TURNS.get(original.getexif().get(ORIENTATION, 1))
        return small.transpose(turn) if turn is not None else small
    return small


def _opaque(image: Image.Image) -> Image.Image:
    """Return it in grey or colour, on white where it is transparent."""
    if image.mode in {"RGBA", "LA", "RGBa", "La"}:
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
        return paper.convert("RGB")
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")
