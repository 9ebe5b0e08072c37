"""The plan editor's form: whatever fields come, a document comes of it; what a row says is kept."""

import json

from hypothesis import given
from hypothesis import strategies as st

from services.gateway import plan_forms

STEPS = st.sampled_from(["teams", "eingang", "hours", "walk_in", "exceptions", "0", "1", "9" * 30, "from", "to", "mon",
                         "concerns", "closures", "reason", "de", "desks", "kept_desks", "", "²", "x"])  # fmt: skip
NAMES = st.lists(STEPS, min_size=1, max_size=9).map(".".join)


def test_rows_come_in_their_order_and_empty_ones_are_left_out() -> None:
    form = {
        "csrf": "x", "teams.eingang.hours.10.from": "14:00", "teams.eingang.hours.10.to": "",
        "teams.eingang.hours.2.mon": "1", "teams.eingang.hours.2.from": "08:00", "teams.eingang.hours.2.to": "12:00",
        "teams.eingang.hours.3.fri": "1", "teams.eingang.concerns.neuantrag": "1", "teams.eingang.kept_desks": "",
        "teams.eingang.desks": " A \r\n\r\nB",
        "closures.0.from": "2026-10-01", "closures.0.to": "2026-10-02", "closures.0.reason.de": "Umzug",
        "concerns.neuantrag.minutes": "20", "concerns.bescheid.minutes": "",
    }  # fmt: skip
    assert plan_forms.read(form) == {
        "teams": {"eingang": {
            "name": {}, "concerns": ["neuantrag"], "kept_desks": 0, "desks": ["A", "B"], "exceptions": [],
            "walk_in": [],
            "hours": [{"days": ["mon"], "from": "08:00", "to": "12:00"}, {"days": [], "from": "14:00", "to": ""}],
        }},
        "closures": [{"from": "2026-10-01", "to": "2026-10-02", "reason": {"de": "Umzug"}}],
        "concerns": {"neuantrag": {"minutes": "20"}},
    }  # fmt: skip


@given(st.dictionaries(NAMES, st.text(max_size=5), max_size=12), NAMES)
def test_whatever_fields_come_there_is_a_document(form: dict[str, str], path: str) -> None:
    document = plan_forms.read(form)
    plan_forms.add_row(document, path)
    json.dumps(document)
    assert set(document) == {"teams", "closures", "concerns"}


@given(NAMES)
def test_each_place_has_a_field(path: str) -> None:
    assert isinstance(plan_forms.field_of(path), str)


def test_what_is_said_of_a_place_is_shown_at_an_input() -> None:
    assert [plan_forms.field_of(path) for path in (
        "teams.a.hours.1", "teams.a.hours.1.to", "teams.a.hours.1.days", "teams.a.exceptions.0.hours.2",
        "teams.a.concerns.3", "teams.a.desks.0", "teams.a.kept_desks", "closures.2", "concerns.b.minutes",
    )] == [
        "teams.a.hours.1.from", "teams.a.hours.1.to", "teams.a.hours.1.mon", "teams.a.exceptions.0.hours.2.from",
        "teams.a.concerns", "teams.a.desks", "teams.a.kept_desks", "closures.2.from", "concerns.b.minutes",
    ]  # fmt: skip


def test_a_field_of_no_row_is_left_out() -> None:
    digits = "1" * 5000
    form = {f"closures.{digits}.from": "2026-10-01", "closures.1.from": "2026-10-02"}
    document = plan_forms.read(form)
    assert [one["from"] for one in document["closures"]] == ["2026-10-02"]
    plan_forms.add_row(document, f"closures.{digits}")
