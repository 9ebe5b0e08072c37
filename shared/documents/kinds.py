"""What a file is, by its first bytes. Its name and what a browser says of it count for nothing."""

from typing import Literal, get_args

from shared.documents.errors import DocumentRefused

Kind = Literal["jpeg", "png", "heic", "webp", "pdf"]
KINDS: tuple[Kind, ...] = get_args(Kind)
HEAD_BYTES = 64  # as many as `sniff` looks at
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
GENERIC_BRANDS = {b"mif1", b"msf1"}  # HEIC when a brand of it is named beside them


def sniff(head: bytes) -> Kind:
    """Return the kind of a file by its first bytes; raise `DocumentRefused`: "empty" or "wrong-type"."""
    if not head:
        raise DocumentRefused("empty")
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and _is_heic(head):
        return "heic"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t ").startswith(b"%PDF-"):
        return "pdf"
    raise DocumentRefused("wrong-type")


def _is_heic(head: bytes) -> bool:
    end = min(int.from_bytes(head[:4], "big"), HEAD_BYTES)
    compatible = {head[at : at + 4] for at in range(16, end, 4)}
    return head[8:12] in HEIC_BRANDS or (head[8:12] in GENERIC_BRANDS and bool(compatible & HEIC_BRANDS))
