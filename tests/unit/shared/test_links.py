"""Codes and links open what they were made for, as people type them, and nothing else."""

from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared import links

SECRET = "a secret"  # noqa: S105
IDS = st.uuids()


@given(IDS)
def test_code_and_link_open_their_object(id_: UUID) -> None:
    assert links.opens(SECRET, id_, links.code(SECRET, id_))
    assert links.opens(SECRET, id_, links.link_token(SECRET, id_))


@given(IDS, IDS)
def test_they_open_no_other_object_and_fit_no_other_secret(id_: UUID, other: UUID) -> None:
    if id_ != other:
        assert not links.opens(SECRET, other, links.code(SECRET, id_))
        assert not links.opens(SECRET, other, links.link_token(SECRET, id_))
    assert not links.opens("another secret", id_, links.link_token(SECRET, id_))


@given(IDS)
def test_a_code_survives_voice_and_paper(id_: UUID) -> None:
    code = links.code(SECRET, id_)
    for typed in (
        code.lower(),
        code.replace("-", ""),
        code.replace("-", " "),
        f"  {code}  ",
        f"{code.replace('-', chr(0x2013))}.",
        code.replace("-", "\N{NON-BREAKING HYPHEN}"),
        f"\N{ZERO WIDTH SPACE}{code}",
        "-".join(code),
        code.replace("1", "I").replace("0", "O"),
        code.replace("1", "l").replace("0", "o"),
        code.replace("V", "U").replace("1", "i").lower(),
    ):
        assert links.opens(SECRET, id_, typed), typed


def test_another_version_revokes_link_and_code() -> None:
    id_ = uuid4()
    first = links.link_token(SECRET, id_, version=1)
    assert not links.opens(SECRET, id_, first, version=2)
    assert links.opens(SECRET, id_, links.link_token(SECRET, id_, version=2), version=2)
    assert not links.opens(SECRET, id_, links.code(SECRET, id_), version=2)
    assert links.opens(SECRET, id_, links.code(SECRET, id_, version=2), version=2)


@given(st.text())
@example("")
@example("\0")
@example("ÄÖÜẞ-ßßßß")
@example("\N{KELVIN SIGN}elvin")
@example("ﬁﬀ" * 2)
def test_whatever_is_typed_is_an_answer_and_no_crash(typed: str) -> None:
    id_ = UUID(int=7)
    assert links.opens(SECRET, id_, typed) is (links.normalise(typed) == links.normalise(links.code(SECRET, id_)))


@pytest.mark.parametrize("given_", ["", "-", " ", "0000-0000"])
def test_nothing_opens_nothing(given_: str) -> None:
    assert not links.opens(SECRET, UUID(int=7), given_)


def test_numbers_are_of_characters_that_cannot_be_confused_and_differ() -> None:
    numbers = {links.new_number() for _ in range(1000)}
    assert len(numbers) == 1000
    assert all(len(number) == 9 and number[4] == "-" for number in numbers)
    assert set("".join(numbers)) == {*links.ALPHABET, "-"}
    assert not set("ILOU") & set(links.ALPHABET)
    assert all(links.grouped(links.normalise(number.lower())) == number for number in numbers)
