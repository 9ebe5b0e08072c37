"""What somebody saw before they pressed, and what is new since."""

from typing import Any

import pytest

from services.gateway.pages.staff.applications_seen import Seen, word


def application(version: int, states: list[str], **items: str) -> dict[str, Any]:
    steps = [{"state": state} for state in states]
    return {
        "version": version,
        "history": steps,
        "items": [{"id": id_, "state": state} for id_, state in items.items()],
    }


def test_what_is_new_is_told_by_steps_and_papers() -> None:
    before = application(7, ["received"], ausweis="open", miete="received")
    now = application(9, ["received", "in-review"], ausweis="received", miete="received", einkommen="open")
    seen = Seen.read(word(before))
    assert seen.version == 7
    assert seen.new_steps(now) == [{"state": "in-review"}]
    assert [item["id"] for item in seen.new_papers(now)] == ["ausweis", "einkommen"]
    assert Seen.read(word(now)).new_papers(now) == []


@pytest.mark.parametrize("typed", ["", "_", "x_1_a.open", "1_x", "-1_2", "9999999999_1", "٣_1"])
def test_what_cannot_be_read_was_not_seen(typed: str) -> None:
    now = application(9, ["received"], ausweis="received")
    seen = Seen.read(typed)
    assert not seen.is_known
    assert (list(seen.new_steps(now)), seen.new_papers(now)) == ([], [])
