"""One hostile file, and small helpers to make them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

MARKER = b"hidden-in-the-original-4711"
# In two halves, so that no scanner minds this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
DRAWN = "drawn"  # accepted, as a copy without anything of it


@dataclass(frozen=True)
class Hostile:
    """How it is made, what may become of it (`DRAWN` or reasons), and whether its original stays locked when drawn."""

    name: str
    make: Callable[[], bytes]
    allowed: frozenset[str]
    locked: bool | None = None


def hostile(name: str, make: Callable[[], bytes], *allowed: str, locked: bool | None = None) -> Hostile:
    """Write one in a line."""
    return Hostile(name, make, frozenset(allowed), locked)


def zipped(**files: bytes) -> bytes:
    """Return a ZIP of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def zeros(size: int, *, times: int = 1) -> bytes:
    """Return that many zeros, deflated; once more for each of `times`. Takes no time: one packed MiB is repeated."""
    compressor = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = compressor.compress(bytes(1 << 20)) + compressor.flush(zlib.Z_FULL_FLUSH)
    rest = compressor.compress(bytes(size % (1 << 20))) + compressor.flush()
    checksum = (size % 65521) << 16 | 1
    packed = b"\x78\xda" + block * (size >> 20) + rest + struct.pack(">L", checksum)
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    return packed
