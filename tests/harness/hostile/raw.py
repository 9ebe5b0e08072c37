"""PDFs written by hand, as no library would write them."""

import struct

BOX = "0 0 595 842"


def raw_pdf(
    catalogue: str = "",
    *,
    kids: str = "3 0 R",
    count: int = 1,
    box: str = BOX,
    content: bytes = b"",
    filters: int = 0,
    bomb: bytes = b"",
    tiles: bool = False,
    previous: bool = False,
    trailer: str = "",
) -> bytes:
    """Return a PDF of one page; each option breaks something else.

    `filters` says how often `content` is deflated, `bomb` is an object stream, `previous` makes its cross-reference
    table name itself as the one before, `tiles` adds a pattern of tiles a thousandth of a point wide.
    """
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{catalogue}>>".encode(),
        f"<</Type/Pages/Count {count}/Kids[{kids}]>>".encode(),
        f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 4 0 R/Resources<</Pattern<</P 5 0 R>>>>>>".encode(),
        stream(content, f"/Filter[{'/FlateDecode' * filters}]" if filters else ""),
        stream(
            b"0 0 1 1 re f",
            "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .001/YStep .001/Resources<<>>",
        )
        if tiles
        else b"null",
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
        table = stream(packed, f"/Type/XRef/W[1 4 2]/Size {len(rows)}/Root 1 0 R")
        return out + b"7 0 obj\n" + table + f"\nendobj\nstartxref\n{start}\n%%EOF\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    before = f"/Prev {start}" if previous else ""
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R{before}{trailer}>>\nstartxref\n{start}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode()


def stream(data: bytes, entries: str = "") -> bytes:
    """Return a stream object."""
    return f"<<{entries}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream"
