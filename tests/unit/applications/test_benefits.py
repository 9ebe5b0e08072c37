"""The tenants' files say what can be applied for; what is wrong there is said with file and field."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.applications import benefits, domain

SAMPLES = Path("deploy/tenants")


def changed(folder: Path, **changes: Any) -> Path:
    """Write the sample tenant's file with another first benefit."""
    said = yaml.safe_load((SAMPLES / "musterstadt.yml").read_text(encoding="utf-8"))
    said["benefits"][0] |= changes
    (folder / "musterstadt.yml").write_text(yaml.safe_dump(said), encoding="utf-8")
    return folder


def test_the_sample_files_can_be_read() -> None:
    for offer in benefits.load(SAMPLES).values():
        assert list(offer.benefits) == ["l1", "l2"]
        assert offer.offices["mitte"].zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("day", "name"),
    [("2026-06-30", "Bürgergeld"), ("2026-07-01", "Grundsicherungsgeld"), ("1999-01-01", "Bürgergeld")],
)
def test_a_name_holds_from_a_day_on(day: str, name: str) -> None:
    benefit = benefits.load(SAMPLES)["musterstadt"].benefit("l1")
    assert benefit.name_on(date.fromisoformat(day))["de"] == name


def test_what_is_not_offered_is_refused() -> None:
    offer = benefits.load(SAMPLES)["musterstadt"]
    with pytest.raises(domain.UnknownBenefit):
        offer.benefit("l9")
    with pytest.raises(domain.UnknownOffice):
        offer.office("nord")
    assert (offer.item("l1", "nothing"), offer.item("l9", "ausweis"), offer.due_days("l9")) == (None, None, {})


ITEM = {"id": "a", "name": {"de": "A", "en": "A"}, "help": {"de": "A", "en": "A"}}
NAME = {"de": "N", "en": "N"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "buergergeld"}, "benefits.0.id"),
        ({"names": []}, "benefits.0.names"),
        ({"names": [{"valid_from": "2026-02-30", "name": NAME}]}, "benefits.0.names.0.valid_from"),
        ({"names": [{"valid_from": "2026-01-01", "name": {"de": "N"}}]}, "name from 2026-01-01 has no text in en"),
        ({"names": [{"valid_from": "2026-01-01", "name": NAME}] * 2}, "each day once"),
        ({"due_days": {"received": 14}}, "due_days lacks documents-missing, in-review"),
        ({"due_days": {"received": 0, "documents-missing": 1, "in-review": 1}}, "benefits.0.due_days.received"),
        ({"items": []}, "benefits.0.items"),
        ({"items": [ITEM, ITEM]}, "two items have the same id"),
        ({"items": [ITEM | {"help": {"de": "A"}}]}, "item a, help has no text in en"),
        ({"items": [ITEM | {"black_out": {"en": "A"}}]}, "item a, black_out has no text in de"),
        ({"items": [ITEM | {"needed": "often"}]}, "benefits.0.items.0.needed"),
        ({"items": [ITEM | {"pcture": "x"}]}, "benefits.0.items.0.pcture"),
        ({"id": "l2"}, "two benefits have the same id"),
    ],
)
def test_a_mistake_is_said_with_file_and_field(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="musterstadt") as refused:
        benefits.load(changed(tmp_path, **changes))
    assert said in str(refused.value)


def test_a_tenant_without_benefits_is_one_that_nothing_can_be_applied_for_at(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "musterstadt.yml", tmp_path)
    said = yaml.safe_load((tmp_path / "musterstadt.yml").read_text(encoding="utf-8"))
    del said["benefits"]
    (tmp_path / "musterstadt.yml").write_text(yaml.safe_dump(said), encoding="utf-8")
    assert benefits.load(tmp_path)["musterstadt"].benefits == {}
