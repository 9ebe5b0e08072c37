"""PDFs written by hand, as no library would write them."""

import struct


def raw_pdf(
    catalogue: str = "",
    *,
    kids: str = "3 0 R",
    count: int = 1,
    content: bytes = b"",
    filters: int = 0,
    extra: bytes = b"null",
    bomb: bytes = b"",
    previous: bool = False,
    trailer: str = "",
) -> bytes:
    """Return a PDF of one page; each option breaks something else.

    `filters` says how often `content` is deflated, `extra` is its picture or pattern /X, `bomb` an object stream, and
    `previous` makes its cross-reference table name itself as the one before.
    """
    resources = "<</Pattern<</X 5 0 R>>/XObject<</X 5 0 R>>>>"
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{catalogue}>>".encode(),
        f"<</Type/Pages/Count {count}/Kids[{kids}]>>".encode(),
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources{resources}>>".encode(),
        stream(content, f"/Filter[{'/FlateDecode' * filters}]" if filters else ""),
        extra,
        stream(bomb, "/Type/ObjStm/N 100/First 800/Filter/FlateDecode") if bomb else b"null",
    ]
    out = b"%PDF-1.7\n"
    offsets = []
    for number, one in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    start = len(out)
    if bomb:
        # The page's content is said to be the first object within the bomb: found by a cross-reference stream alone.
        rows = [(0, 0, 0), *((1, offset, 0) for offset in offsets), (1, start, 0)]
        rows[4] = (2, 6, 0)
        packed = b"".join(struct.pack(">BLH", *row) for row in rows)
        found = stream(packed, f"/Type/XRef/W[1 4 2]/Size {len(rows)}/Root 1 0 R")
        return out + b"7 0 obj\n" + found + f"\nendobj\nstartxref\n{start}\n%%EOF\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    before = f"/Prev {start}" if previous else ""
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R{before}{trailer}>>\nstartxref\n{start}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode()


def stream(data: bytes, entries: str = "") -> bytes:
    """Return a stream object."""
    return f"<<{entries}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream"
