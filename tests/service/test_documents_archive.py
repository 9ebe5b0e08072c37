"""What is handed over is PDF/A-2b, as the reference checker sees it."""

from pathlib import Path

from shared.documents.pipeline import combine, prepare
from tests.harness import verapdf
from tests.harness.hostile.papers import ACTIVE, pdf
from tests.harness.hostile.pictures import jpeg, picture, saved


async def test_copies_and_what_is_combined_of_them_are_pdf_a(tmp_path: Path) -> None:
    originals = [jpeg(), saved(picture(mode="L"), "JPEG"), pdf(pages=2), ACTIVE["pdf-with-scripted-form"]()]
    copies = [(await prepare(data)).pdf for data in originals]
    files = []
    for number, content in enumerate([*copies, await combine(copies), pdf()]):
        files.append(tmp_path / f"{number}.pdf")
        files[-1].write_bytes(content)
    *drawn, combined, stranger = [line for line in await verapdf.check(*files) if not line.startswith(" ")]
    assert drawn == ["2b true"] * 4
    assert combined == "2b true"
    assert stranger.endswith("false"), "it can say no"
