"""Pictures: bombs, liars, two things at once, and what real phones send that is merely odd."""

import io
import struct
import zlib
from functools import cache

import pillow_heif
from PIL import Image, ImageDraw

from tests.harness.hostile.kinds import DRAWN, EICAR, MARKER, Hostile, hostile, zeros, zipped

PNG = b"\x89PNG\r\n\x1a\n"
SCRIPT = b"<html><script>alert('" + MARKER + b"')</script></html>"


def picture(size: tuple[int, int] = (640, 480), mode: str = "RGB") -> Image.Image:
    """Return a picture whose four corners differ: red, green, blue, white, on grey noise."""
    noise = Image.effect_noise(size, 40).convert("RGB")
    draw = ImageDraw.Draw(noise)
    (w, h), (x, y) = size, (size[0] // 4, size[1] // 4)
    for box, colour in zip(
        [(0, 0, x, y), (w - x, 0, w, y), (0, h - y, x, h), (w - x, h - y, w, h)],
        ["red", "green", "blue", "white"],
        strict=True,
    ):
        draw.rectangle(box, colour)
    return noise.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def jpeg(**options: object) -> bytes:
    return saved(picture(), "JPEG", **{"quality": 75, **options})


@cache
def heic(size: tuple[int, int] = (640, 480)) -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(picture(size)).save(stream, quality=60)
    return stream.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, colour: int, pixels: bytes, *more: bytes) -> bytes:
    """Put a PNG together; `colour` 0 grey, 6 RGBA; `more` are chunks before its pixels."""
    header = chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, depth, colour, 0, 0, 0))
    return PNG + header + b"".join(more) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def sized(data: bytes, width: int, height: int) -> bytes:
    """Make a JPEG claim another size."""
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def segment(data: bytes, marker: int, content: bytes, times: int = 1) -> bytes:
    """Put a segment behind a JPEG's first two bytes."""
    return data[:2] + (bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content) * times + data[2:]


def with_gps() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = MARKER.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (51.0, 13.0, 30.0)
    return jpeg(exif=exif, comment=MARKER)


def looping_exif() -> bytes:
    """EXIF whose directory names itself as the next, and an entry far outside."""
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<HHHLL", 1, 0x0112, 2, 0xFFFFFFF0, 0x7FFFFFFF) + struct.pack("<L", 8)
    return segment(jpeg(), 0xE1, b"Exif\0\0" + tiff)


def many_scans() -> bytes:
    """A progressive JPEG that paints its last scan again a thousand times: the work grows, the file hardly does."""
    image = saved(Image.new("RGB", (2000, 2000), "white"), "JPEG", quality=75, progressive=True)
    last = image.rindex(b"\xff\xda")
    return image[:-2] + image[last:-2] * 1000 + image[-2:]


def canvas_liar() -> bytes:
    """A WebP whose canvas is 16,384 by 16,384, and whose picture is small."""
    inner = saved(picture((64, 64)), "WEBP")[12:]
    canvas = b"VP8X" + struct.pack("<L", 10) + bytes(4) + (16383).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<L", 4 + len(canvas) + len(inner)) + b"WEBP" + canvas + inner


def heic_liar() -> bytes:
    data = heic()
    return data.replace(struct.pack(">LL", 640, 480), struct.pack(">LL", 60000, 60000))


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue", "green")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def sixteen_bits() -> bytes:
    return saved(Image.linear_gradient("L").convert("I;16").point(lambda value: value * 256), "PNG")


SMALL = zlib.compress(b"\0\0" * 16)
ODD = {
    "palette-png": lambda: saved(picture().quantize(32), "PNG", transparency=0),
    "one-bit-png": lambda: saved(picture(mode="1"), "PNG"),
    "sixteen-bit-png": sixteen_bits,
    "grey-and-alpha-png": lambda: saved(picture(mode="LA"), "PNG"),
    "cmyk-jpeg": lambda: saved(picture(mode="CMYK"), "JPEG"),
    "grey-jpeg": lambda: saved(picture(mode="L"), "JPEG", quality=75),
    "animated-webp": lambda: animated("WEBP"),
    "animated-png": lambda: animated("PNG"),
    "jpeg-with-gps": with_gps,
    "jpeg-with-looping-exif": looping_exif,
    "jpeg-with-huge-exif": lambda: segment(jpeg(), 0xE1, b"Exif\0\0" + (MARKER * 3000)[:65000], times=100),
    "jpeg-with-broken-profile": lambda: segment(jpeg(), 0xE2, b"ICC_PROFILE\0\x01\x01" + MARKER),
    "jpeg-and-eicar": lambda: jpeg() + EICAR,
}
PICTURES: list[Hostile] = [
    *(hostile(name, make, DRAWN, locked=False) for name, make in ODD.items()),
    hostile("jpeg-and-html", lambda: segment(jpeg(), 0xFE, SCRIPT), DRAWN, locked=True),
    hostile("jpeg-and-php", lambda: jpeg(comment=b"<?php system($_GET[0]); /*" + MARKER), DRAWN, locked=True),
    hostile("jpeg-and-zip", lambda: jpeg() + zipped(**{"a.exe": MARKER}), DRAWN, locked=True),
    hostile("jpeg-and-pdf", lambda: jpeg() + b"%PDF-1.7\n" + MARKER, DRAWN, locked=True),
    hostile("png-and-html", lambda: saved(picture(), "PNG") + SCRIPT, DRAWN, locked=True),
    hostile(
        "heic-and-html", lambda: heic() + struct.pack(">L", len(SCRIPT) + 8) + b"free" + SCRIPT, DRAWN, locked=True
    ),
    hostile("png-of-200-megapixels", lambda: png(20000, 10000, 1, 0, zeros(2501 * 10000)), "too-many-pixels"),
    hostile("png-that-claims-3600-megapixels", lambda: png(60000, 60000, 8, 6, SMALL), "too-many-pixels"),
    hostile("png-of-99-megapixels-in-colour", lambda: png(11000, 9000, 8, 6, zeros(44001 * 9000)), "too-many-pixels"),
    hostile(
        "png-with-text-bomb",
        lambda: png(4, 4, 8, 0, SMALL, chunk(b"zTXt", b"a\0\0" + zeros(1 << 28))),
        DRAWN,
        "damaged",
        "too-many-pixels",
    ),
    hostile(
        "png-with-profile-bomb",
        lambda: png(4, 4, 8, 0, SMALL, chunk(b"iCCP", b"a\0\0" + zeros(1 << 28))),
        DRAWN,
        "damaged",
        "too-many-pixels",
    ),
    hostile("png-with-long-pixels", lambda: png(4, 4, 8, 0, zeros(1 << 30)), DRAWN, "damaged"),
    hostile("png-of-no-width", lambda: png(0, 4, 8, 0, SMALL), "damaged"),
    hostile("png-truncated", lambda: saved(picture(), "PNG")[:-30000], "damaged"),
    hostile("png-head-alone", lambda: PNG, "damaged"),
    hostile("jpeg-that-claims-3600-megapixels", lambda: sized(jpeg(), 60000, 60000), "too-many-pixels"),
    hostile("jpeg-that-claims-81-megapixels", lambda: sized(jpeg(), 9000, 9000), DRAWN, "damaged", "too-many-pixels"),
    hostile("jpeg-truncated", lambda: jpeg()[:-5000], "damaged"),
    hostile("jpeg-head-alone", lambda: b"\xff\xd8\xff", "damaged"),
    hostile("jpeg-of-a-thousand-scans", many_scans, DRAWN, "damaged", "too-complex"),
    hostile("webp-with-large-canvas", canvas_liar, "too-many-pixels", "damaged"),
    hostile("webp-truncated", lambda: saved(picture(), "WEBP")[:-3000], "damaged"),
    hostile("heic-truncated", lambda: heic()[:-3000], "damaged"),
    hostile("heic-that-claims-3600-megapixels", heic_liar, "too-many-pixels", "damaged"),
    hostile("heic-head-alone", lambda: heic()[:40], "damaged"),
]
