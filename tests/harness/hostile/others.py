"""What is neither a photo nor a PDF, whatever it is called."""

import struct

from tests.harness.hostile.kinds import EICAR, MARKER, Hostile, hostile, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def nested_zip() -> bytes:
    packed = zipped(zeros=bytes(10_000_000))
    for _ in range(3):
        packed = zipped(**{f"part{number}.zip": packed for number in range(10)})
    return packed


def macro_document() -> bytes:
    return zipped(
        **{"[Content_Types].xml": b"<Types/>", "word/vbaProject.bin": OLE + MARKER, "word/document.xml": b"<w/>"}
    )


OTHERS: list[Hostile] = [
    hostile("empty", bytes, "empty"),
    hostile("text", lambda: b"Ihr Bescheid\n", "wrong-type"),
    hostile("one-byte", lambda: b"\xff", "wrong-type"),
    hostile(
        "svg-with-script", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "wrong-type"
    ),
    hostile("html", lambda: b"<!doctype html><script>alert(1)</script>", "wrong-type"),
    hostile("html-that-names-a-pdf", lambda: b"<html>%PDF-1.7</html>", "wrong-type"),
    hostile("macro-document", macro_document, "wrong-type"),
    hostile("old-macro-document", lambda: OLE + bytes(600) + b"VBA", "wrong-type"),
    hostile("exe", lambda: b"MZ" + bytes(58) + struct.pack("<L", 64) + b"PE\0\0" + bytes(200), "wrong-type"),
    hostile("elf", lambda: b"\x7fELF\x02\x01\x01" + bytes(200), "wrong-type"),
    hostile("shell-script", lambda: b"#!/bin/sh\nrm -rf /\n", "wrong-type"),
    hostile("zip-bomb", nested_zip, "wrong-type"),
    hostile("eicar", lambda: EICAR, "wrong-type"),
    hostile("eicar-zip-called-jpg", lambda: zipped(photo=EICAR), "wrong-type"),
    hostile("gif-and-script", lambda: b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//;", "wrong-type"),
    hostile("tiff", lambda: b"II*\0" + bytes(100), "wrong-type"),
    hostile("postscript", lambda: b"%!PS-Adobe-3.0\n(x) run\n", "wrong-type"),
    hostile("avif", lambda: struct.pack(">L", 28) + b"ftypavif\0\0\0\0avifmif1miaf" + bytes(40), "wrong-type"),
    hostile("film", lambda: struct.pack(">L", 24) + b"ftypisom\0\0\0\0isommp41" + bytes(40), "wrong-type"),
    hostile("larger-than-allowed", lambda: b"\xff\xd8\xff" + bytes(20 * 1024 * 1024), "too-large"),
]
