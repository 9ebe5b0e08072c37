"""A file is what it begins with."""

import pytest

from shared.documents.errors import DocumentRefused
from shared.documents.kinds import HEAD_BYTES, Kind, sniff
from tests.harness.hostile.others import OTHERS
from tests.harness.hostile.papers import pdf
from tests.harness.hostile.pictures import heic, jpeg, picture, saved


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (jpeg(), "jpeg"),
        (saved(picture(), "PNG"), "png"),
        (saved(picture(), "WEBP"), "webp"),
        (heic((64, 64)), "heic"),
        (pdf(), "pdf"),
        (b"\xef\xbb\xbf\r\n" + pdf(), "pdf"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic", "heic"),
    ],
)
def test_what_is_accepted(data: bytes, kind: Kind) -> None:
    assert sniff(data[:HEAD_BYTES]) == kind


@pytest.mark.parametrize("name", [one.name for one in OTHERS if one.name != "larger-than-allowed"])
def test_what_is_not(name: str) -> None:
    other = next(one for one in OTHERS if one.name == name)
    with pytest.raises(DocumentRefused) as refused:
        sniff(other.make()[:HEAD_BYTES])
    assert {refused.value.reason} == other.allowed
