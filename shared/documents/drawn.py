"""A drawn PDF: pages that are one JPEG each and nothing else, as PDF/A-2b.

What is written here has one shape, and only that shape is read again: whatever else a PDF may hold cannot pass.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageCms

from shared.documents.errors import DocumentRefused

COLOUR = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB}
A4 = (595.28, 841.89)
SMALLEST, LARGEST = 3.0, 14400.0  # points, by ISO 32000
QUALITY = 85
XMP = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True)
class Page:
    """One page: its picture as JPEG bytes, the picture's mode and size in pixels, the paper's size in points."""

    jpeg: bytes
    mode: str
    pixels: tuple[int, int]
    points: tuple[float, float]

    @classmethod
    def of(cls, picture: Image.Image, points: tuple[float, float] | None = None) -> "Page":
        """Draw a picture ("L" or "RGB"); without a size it becomes as large as A4 holds, upright or lying."""
        bare = Image.new(picture.mode, picture.size)  # carries no EXIF, comment or profile of the original
        bare.paste(picture)
        stream = io.BytesIO()
        bare.save(stream, "JPEG", quality=QUALITY)
        return cls(stream.getvalue(), bare.mode, bare.size, points or _on_a4(*bare.size))


def _on_a4(width: int, height: int) -> tuple[float, float]:
    short, long = A4
    room = (short, long) if height >= width else (long, short)
    scale = min(room[0] / width, room[1] / height)
    return max(width * scale, SMALLEST), max(height * scale, SMALLEST)


def write(pages: Iterable[Page]) -> bytes:
    """Return the PDF of these pages."""
    pdf = Pdf.new()
    for page in pages:
        pdf.pages.append(_page(pdf, page))
    root = pdf.Root
    root.Metadata = pdf.make_indirect(pikepdf.Stream(pdf, XMP, Type=Name.Metadata, Subtype=Name.XML))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=pikepdf.String("sRGB"),
                DestOutputProfile=pdf.make_indirect(pikepdf.Stream(pdf, profile, N=3)),
            )
        ]
    )
    stream = io.BytesIO()
    pdf.save(stream, force_version="1.7", object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return stream.getvalue()


def _page(pdf: Pdf, page: Page) -> pikepdf.Page:
    width, height = page.points
    picture = pikepdf.Stream(
        pdf,
        page.jpeg,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=page.pixels[0],
        Height=page.pixels[1],
        ColorSpace=COLOUR[page.mode],
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    content = f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /I Do Q".encode()
    return pikepdf.Page(
        Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, round(width, 2), round(height, 2)]),
            Resources=Dictionary(XObject=Dictionary(I=pdf.make_indirect(picture))),
            Contents=pdf.make_indirect(pikepdf.Stream(pdf, content)),
        )
    )


def read(data: bytes) -> list[Page]:
    """Return the pages of a drawn PDF; raise `DocumentRefused("damaged")` for any other shape."""
    pages = []
    try:
        with Pdf.open(io.BytesIO(data)) as pdf:
            for page in pdf.pages:
                box = [float(number) for number in page.mediabox]
                jpeg = page.obj.Resources.XObject.I.read_raw_bytes()
                with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
                    _bare(picture, jpeg)
                    pages.append(Page(jpeg, picture.mode, picture.size, (box[2], box[3])))
    except (pikepdf.PdfError, AttributeError, KeyError, ValueError, OSError) as error:
        raise DocumentRefused("damaged") from error
    return pages


def _bare(picture: Image.Image, jpeg: bytes) -> None:
    """Raise `ValueError` for a JPEG that was not drawn here: one that carries something beside its picture."""
    segments = {name for name, _ in getattr(picture, "applist", [])}
    if picture.mode not in COLOUR or segments - {"APP0"} or not jpeg.endswith(b"\xff\xd9"):
        raise ValueError("not a bare picture")
