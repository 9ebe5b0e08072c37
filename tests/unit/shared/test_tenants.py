"""A host name names one tenant, and a faulty tenant file says what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from shared import tenants
from shared.tenants import UnknownHost

GOOD: dict[str, Any] = {
    "id": "here",
    "hosts": ["here.example", "[::1]", "127.0.0.1"],
    "name": "Jobcenter Here",
    "land": "NW",
    "zone": "Europe/Berlin",
    "languages": ["de"],
    "sender": {"name": "Here", "address": "post@here.example"},
}


def folder(path: Path, *files: dict[str, Any]) -> Path:
    for file in files:
        (path / f"{file['id']}.yml").write_text(yaml.safe_dump(file), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "host",
    [
        "here.example",
        "here.example:8000",
        "HERE.example",
        "[::1]",
        "[::1]:8000",
        "127.0.0.1:80",
        "here.example.:80",
        "here.example.",
    ],
)
def test_a_host_is_found_with_or_without_port_in_any_case(tmp_path: Path, host: str) -> None:
    assert tenants.load(folder(tmp_path, GOOD)).of_host(host).id == "here"


@pytest.mark.parametrize(
    "host",
    [
        "",
        ":",
        ":80",
        "elsewhere.example",
        "x.here.example",
        "[::2]:80",
        "here.example..",
        "ä",
        "here.example:" + "8" * 6,
        "here.example:x",
        "here.example:",
        "[::1]x",
        "here.example:80:80",
    ],
)
def test_any_other_host_is_unknown(tmp_path: Path, host: str) -> None:
    with pytest.raises(UnknownHost):
        tenants.load(folder(tmp_path, GOOD)).of_host(host)


def test_a_host_written_with_capitals_in_the_file_is_found(tmp_path: Path) -> None:
    given = GOOD | {"hosts": ["Here.Example"]}
    assert tenants.load(folder(tmp_path, given)).of_host("here.example").id == "here"


@pytest.mark.parametrize("host", ["here.example", "HERE.example"])
def test_a_host_of_two_tenants_is_refused_with_both_names(tmp_path: Path, host: str) -> None:
    there = GOOD | {"id": "there", "hosts": [host]}
    with pytest.raises(ValueError, match=r"here\.example.*here.*there"):
        tenants.load(folder(tmp_path, GOOD, there))


def test_two_files_for_one_tenant_are_refused(tmp_path: Path) -> None:
    folder(tmp_path, GOOD)
    again = GOOD | {"hosts": ["there.example"]}
    (tmp_path / "again.yml").write_text(yaml.safe_dump(again), encoding="utf-8")
    with pytest.raises(ValueError, match="here"):
        tenants.load(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", "Here"), ("hosts", []), ("name", None), ("land", "Nordrhein"), ("languages", []), ("sender", "post@x"),
     ("zone", "Europe/Nowhere"), ("zone", "")],
)  # fmt: skip
def test_a_faulty_file_is_named_with_its_field(tmp_path: Path, field: str, value: object) -> None:
    (tmp_path / "here.yml").write_text(yaml.safe_dump(GOOD | {field: value}), encoding="utf-8")
    with pytest.raises(ValueError, match=field) as refused:
        tenants.load(tmp_path)
    assert "here.yml" in str(refused.value)


def test_a_file_that_is_not_named_after_its_tenant_is_refused(tmp_path: Path) -> None:
    """Seeding looks for a tenant's file by the tenant's id."""
    (tmp_path / "another.yml").write_text(yaml.safe_dump(GOOD), encoding="utf-8")
    with pytest.raises(ValueError, match=r"another\.yml"):
        tenants.load(tmp_path)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("id: [", encoding="utf-8")
    with pytest.raises(Exception, match=r"broken\.yml"):
        tenants.load(tmp_path)


def test_a_folder_without_tenants_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="TENANTS_DIR"):
        tenants.load(tmp_path)


def test_the_samples_that_come_with_the_project_are_right() -> None:
    assert {"musterstadt", "duesseldorf"} <= set(tenants.load(Path("deploy/tenants")).by_id)
