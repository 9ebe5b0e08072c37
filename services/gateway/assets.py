"""Styles, fonts and script, read once: served compressed, under an address that changes with their content."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from shared.errors import NotFound

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_FOR_EVER, _FOR_A_WHILE = "public, max-age=31536000, immutable", "public, max-age=300"


class AssetNotFound(NotFound):
    """No such file belongs to the pages."""


@dataclass(frozen=True)
class Asset:
    """A file as it is sent; `compressed` is empty when that saves nothing."""

    content: bytes
    compressed: bytes
    media_type: str

    @classmethod
    def of(cls, content: bytes, media_type: str) -> "Asset":
        """Compress the content once."""
        compressed = b"" if media_type == TYPES[".woff2"] else gzip.compress(content, 9, mtime=0)
        return cls(content, compressed, media_type)

    def answer(self, request: Request, cache: str) -> Response:
        """Return the file, compressed for whoever takes it."""
        headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
        if self.compressed and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.compressed, 200, headers | {"Content-Encoding": "gzip"}, self.media_type)
        return Response(self.content, 200, headers, self.media_type)


_assets = {
    file.relative_to(FOLDER).as_posix(): Asset.of(file.read_bytes(), TYPES[file.suffix])
    for file in sorted(FOLDER.rglob("*"))
    if file.suffix in TYPES
}
# One version for all: the styles name the fonts relative to themselves.
VERSION = hashlib.sha256(b"".join(asset.content for asset in _assets.values())).hexdigest()[:12]

router = APIRouter(include_in_schema=False)


def url(name: str) -> str:
    """Return where a file is found; raises `KeyError` for one that is not there."""
    _assets[name]
    return f"/static/{VERSION}/{name}"


@router.get("/static/{version}/{name:path}")
async def serve(request: Request, version: str, name: str) -> Response:
    """Return a file. A page from before an update gets the new one, but must not keep it as the old."""
    if name not in _assets:
        raise AssetNotFound("There is no such file.")
    return _assets[name].answer(request, _FOR_EVER if version == VERSION else _FOR_A_WHILE)
