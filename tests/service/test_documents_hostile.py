"""Nothing dangerous is ever let through: each hostile file is refused, or its copy holds nothing of it."""

import io
import json
import re
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from shared.documents import drawn
from shared.documents.limits import DEFAULT
from tests.harness.hostile import HOSTILE
from tests.harness.hostile.kinds import DRAWN, EICAR, MARKER
from tests.harness.hostile.pictures import picture

# All that a copy consists of. No action, annotation, form, name tree, file or font is among it.
NAMES = {
    "/BitsPerComponent", "/ColorSpace", "/Contents", "/Count", "/DestOutputProfile", "/Filter", "/Height", "/I",
    "/Kids", "/Length", "/MediaBox", "/Metadata", "/N", "/OutputConditionIdentifier", "/OutputIntents", "/Pages",
    "/Parent", "/Resources", "/S", "/Subtype", "/Type", "/Width", "/XObject",
    "/Catalog", "/DCTDecode", "/DeviceGray", "/DeviceRGB", "/GTS_PDFA1", "/Image", "/OutputIntent", "/Page", "/XML",
    "/FlateDecode",
}  # fmt: skip
BLOCK = 24


@dataclass(frozen=True)
class Outcomes:
    """What became of each file, the copies, and what the children have used."""

    by_name: dict[str, dict[str, Any]]
    originals: Path
    copies: Path
    used: dict[str, int]


@pytest.fixture(scope="module")
async def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    originals, copies = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out")
    for one in HOSTILE.values():
        (originals / one.name).write_bytes(one.make())
    command = [sys.executable, "-m", "tests.harness.hostile.measure", str(originals), str(copies)]
    process = await create_subprocess_exec(*command, stdout=PIPE)
    output, _ = await process.communicate()
    *found, used = map(json.loads, output.decode().splitlines())
    return Outcomes({one["name"]: one for one in found}, originals, copies, used)


def test_there_are_more_than_forty_and_each_was_answered(outcomes: Outcomes) -> None:
    assert len(outcomes.by_name) == len(HOSTILE) >= 40


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_for_the_right_reason_or_drawn(outcomes: Outcomes, name: str) -> None:
    found, hostile = outcomes.by_name[name], HOSTILE[name]
    assert found["outcome"] in hostile.allowed
    if found["outcome"] == DRAWN and hostile.locked is not None:
        assert found["locked"] == hostile.locked


def test_copies_are_pages_with_a_picture_and_nothing_else(outcomes: Outcomes) -> None:
    copies = sorted(outcomes.copies.iterdir())
    assert len(copies) > 30
    for copy in copies:
        with pikepdf.open(copy) as pdf:
            assert {name for one in pdf.objects for name in names(one)} <= NAMES, copy.name
            assert {str(key) for key in pdf.trailer} == {"/ID", "/Root", "/Size"}, copy.name
        for page in drawn.read(copy.read_bytes()):
            with Image.open(io.BytesIO(page.jpeg)) as image:
                assert not {"exif", "icc_profile", "comment", "xmp"} & set(image.info), copy.name
                assert max(image.size) <= 2500, copy.name


def names(one: object) -> list[str]:
    """Return the names in an object as it is written, those of dictionaries within it too."""
    written = one.stream_dict if isinstance(one, pikepdf.Stream) else one
    return (
        re.findall(r"/[A-Za-z0-9_]+", written.unparse().decode("latin-1"))
        if isinstance(written, pikepdf.Object)
        else []
    )


def test_copies_hold_none_of_the_originals_bytes(outcomes: Outcomes) -> None:
    """No run of 24 bytes, but for the usual Huffman tables; what is text (and all PDFs' own) is told by `MARKER`."""
    usual = runs(drawn.write([drawn.Page.of(picture(mode=mode)) for mode in ("RGB", "L")]), 1)
    for copy in sorted(outcomes.copies.iterdir()):
        content, original = copy.read_bytes(), (outcomes.originals / copy.name).read_bytes()
        assert MARKER not in content, copy.name
        assert EICAR not in content, copy.name
        common = runs(original, BLOCK) & runs(content, 1) - usual
        assert not {run for run in common if len(set(run)) > 4 and not run.isascii()}, copy.name


def runs(data: bytes, step: int) -> set[bytes]:
    return {data[start : start + BLOCK] for start in range(0, min(len(data), 2_000_000) - BLOCK, step)}


def test_a_child_never_takes_more_than_its_memory(outcomes: Outcomes) -> None:
    assert outcomes.used["children"] > 60
    assert outcomes.used["peak"] <= DEFAULT.memory_bytes
    assert outcomes.used["peak"] > DEFAULT.memory_bytes / 2, "the bombs are large enough to be seen"


def test_everything_else_goes_on_while_a_child_works(outcomes: Outcomes) -> None:
    worked = [one for one in outcomes.by_name.values() if one["outcome"] not in {"wrong-type", "empty", "too-large"}]
    assert all(one["ticks"] > 10 for one in worked), [one["name"] for one in worked if one["ticks"] <= 10]


def test_no_child_outlives_its_file(outcomes: Outcomes) -> None:
    assert outcomes.used["left"] == 0
