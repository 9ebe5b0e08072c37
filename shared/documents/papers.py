"""A PDF becomes a drawn one: each page rendered to a picture, by a renderer that runs no script and knows no XFA."""

import ctypes
import io
import re
from collections.abc import Iterator

import pikepdf
import pypdfium2
from PIL import Image
from pypdfium2 import raw

from shared.documents.drawn import LARGEST, SMALLEST, Page, write
from shared.documents.errors import DocumentRefused
from shared.documents.limits import DEFAULT, Limits
from shared.documents.photos import LONGEST

DPI = 200
# What acts, carries files or leads away. With any of it an original stays locked, also when no scanner minds.
ACTIVE = re.compile(
    rb"/(?:JavaScript|JS|OpenAction|AA|Launch|URI|GoToR|GoToE|SubmitForm|ImportData|Named|EmbeddedFiles?|EF|Filespec"
    rb"|XFA|RichMedia|Rendition|Movie|Sound|3D)\b"
)


def rehearse() -> None:
    """Draw a small PDF, so that everything a child needs is loaded before it gives up opening files."""
    paper = write([Page.of(Image.new("L", (8, 8)))])
    if len(list(draw(paper, DEFAULT))) != 1 or is_active(paper):
        raise RuntimeError("papers are not drawn")


def draw(data: bytes, limits: Limits) -> Iterator[Page]:
    """Yield the PDF's pages; raise `DocumentRefused`. One that opens without a password is not "encrypted"."""
    document = _open(data)
    if not 0 < len(document) <= limits.max_pages:
        raise DocumentRefused("too-many-pages" if len(document) else "damaged")
    document.init_forms()  # so that what somebody has filled in is drawn
    for number in range(len(document)):
        yield _page(document, number)


def _open(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}
        raise DocumentRefused("encrypted" if locked else "damaged") from error


def _page(document: pypdfium2.PdfDocument, number: int) -> Page:
    try:
        page = document[number]
    except pypdfium2.PdfiumError as error:
        raise DocumentRefused("damaged") from error
    width, height = page.get_size()
    scale = min(DPI / 72, LONGEST / max(width, height, SMALLEST))
    try:
        picture = page.render(scale=scale).to_pil().convert("RGB")
    except (pypdfium2.PdfiumError, ctypes.ArgumentError) as error:
        raise DocumentRefused("damaged") from error
    finally:
        page.close()
    return Page.of(picture, (_within(width), _within(height)))


def _within(points: float) -> float:
    return min(max(points, SMALLEST), LARGEST)


def is_active(data: bytes) -> bool:
    """Whether the PDF holds more than pages to look at; also when that cannot be found out."""
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            if pdf.is_encrypted or ACTIVE.search(pdf.trailer.unparse(resolved=False)):
                return True
            return any(ACTIVE.search(_text(thing)) for thing in pdf.objects)
    except Exception:
        return True


def _text(thing: pikepdf.Object) -> bytes:
    return (thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing).unparse(resolved=True)
