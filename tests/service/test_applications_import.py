"""States come from the office's own system: what a file would do is shown first, and done once."""

import asyncio
from typing import Any

import httpx
import pytest

from services.applications.main import LARGEST_IMPORT
from tests.harness.answers import problem_of
from tests.harness.applicant import Applicant
from tests.harness.identity import clerk

HEAD = "Aktenzeichen;Name;Geburtsdatum;E-Mail;Leistung;Stand;Seit;Dienststelle\r\n"
AYLIN = "BG-1;Aylin Öz;17.05.1990;aylin@example.org;Grundsicherungsgeld;{};{};Jobcenter Musterstadt, Standort Mitte\r\n"
CSV = {"Content-Type": "text/csv"}


def file(*lines: str, encoding: str = "utf-8") -> bytes:
    return (HEAD + "".join(lines)).encode(encoding)


async def send(aylin: Applicant, data: bytes, path: str, who: Any = None, **params: str) -> httpx.Response:
    url = f"/applications/imports{path}"
    return await aylin.staff("POST", url, who=who, content=data, headers=CSV, params=params)


async def preview(aylin: Applicant, data: bytes, who: Any = None) -> dict[str, Any]:
    answer = await send(aylin, data, "/preview", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def imported(aylin: Applicant, data: bytes, who: Any = None) -> dict[str, Any]:
    """Preview and import; what is done is what was previewed."""
    seen = await preview(aylin, data, who)
    answer = await send(aylin, data, "", who, hash=seen["hash"])
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    assert [{**line, "reference": None} for line in done["lines"]] == [
        {**line, "reference": None} for line in seen["lines"]
    ]
    return done


def outcomes(report: dict[str, Any]) -> list[str]:
    return [line["reason"] or line["outcome"] for line in report["lines"]]


async def test_a_file_makes_applications_and_changes_them_and_twice_it_does_nothing(aylin: Applicant) -> None:
    first = file(AYLIN.format("Neu", "01.09.2026"), encoding="cp1252")
    seen = await preview(aylin, first)
    assert (seen["new"], seen["lines"][0]["after"]) == (1, "received")
    assert (await aylin.count("applications"), await aylin.events()) == (0, [])
    done = await imported(aylin, first)
    sent = {"reference": done["lines"][0]["reference"]}
    own = await aylin.seen(sent)
    assert (own["name"], own["channel"], own["external_reference"]) == ("Aylin Öz", "import", "BG-1")
    assert own["received_at"] == "2026-09-01T00:00:00+02:00"
    second = file(AYLIN.format("In Bearbeitung", "03.09.2026 10:30"))
    done = await imported(aylin, second)
    assert (done["lines"][0]["before"], done["lines"][0]["after"]) == ("received", "in-review")
    own = await aylin.seen(sent)
    assert (own["state"], own["state_since"]) == ("in-review", "2026-09-03T10:30:00+02:00")
    assert await aylin.told() == [("application-received", "received"), ("application-status-changed", "in-review")]
    assert aylin.recipient((await aylin.events())[-1][1]).email == "aylin@example.org"
    actions = await aylin.rows("SELECT action FROM audit_entries WHERE target = :r ORDER BY id", r=sent["reference"])
    assert {one["action"] for one in actions} >= {"register-application", "change-application"}
    before = await aylin.rows("SELECT * FROM applications"), await aylin.events()
    assert outcomes(await imported(aylin, second)) == ["unchanged"]
    assert (await aylin.rows("SELECT * FROM applications"), await aylin.events()) == before
    assert "Öz" not in str(await aylin.rows("SELECT * FROM audit_entries"))


async def test_bad_lines_are_told_each_and_stop_no_good_one(aylin: Applicant) -> None:
    await imported(aylin, file(AYLIN.format("Neu", "")))
    done = await imported(
        aylin,
        file(
            AYLIN.format("Entschieden", ""),
            'BG-2;"Bea;01.01.1980;;l1;Neu;;mitte\r\n',
            ";Bea;01.01.1980;;l1;Neu;;mitte\r\n",
            "BG-3;Bea;1.1.80;;l1;Neu;;mitte\r\n",
            "BG-4;Bea;01.01.1980;;l9;Neu;;mitte\r\n",
            "BG-5;Bea;01.01.1980;;l1;Vielleicht;;mitte\r\n",
            "BG-6;;01.01.1980;;l1;Neu;;mitte\r\n",
            "BG-7;Bea;01.01.1980;;l1;Neu;31.12.2026;mitte\r\n",
            "BG-8;Bea;01.01.1980;keine Adresse;l1;Neu;;mitte\r\n",
            "BG-9;Bea;01.01.1980;;l1;Entschieden;;mitte\r\n",
            'BG-10;=HYPERLINK("http://x");01.01.1980;;l1;Neu;;mitte\r\n',
            "BG-11;Bea;01.01.2080;;l1;Neu;;mitte\r\n",
            "BG-12;Bea;01.01.1980;;l1;Unterlagen fehlen;;mitte\r\n",
            "BG-12;Bea;01.01.1980;;l1;Neu;;mitte\r\n",
        ),
    )
    assert outcomes(done) == [
        "state-jump", "line-unreadable", "value-missing", "value-unreadable", "value-unreadable", "value-unreadable",
        "value-missing", "received-in-future", "value-unreadable", "state-jump", "value-unreadable",
        "birth-date-impossible", "new", "line-twice",
    ]  # fmt: skip
    assert all(line["detail"] for line in done["lines"] if line["outcome"] == "error")
    assert (done["new"], done["errors"], await aylin.count("applications")) == (1, 13, 2)
    [made] = await aylin.rows("SELECT state FROM applications WHERE external_reference = 'BG-12'")
    assert made["state"] == "documents-missing"


async def test_steps_back_other_people_and_other_offices_are_left_alone(aylin: Applicant) -> None:
    await imported(aylin, file(AYLIN.format("In Bearbeitung", "")))
    other = file(AYLIN.format("Entschieden", "").replace("17.05.1990", "18.05.1990"))
    assert outcomes(await imported(aylin, other)) == ["another-person"]
    assert outcomes(await imported(aylin, file(AYLIN.format("Neu", "")))) == ["explanation-needed"]
    foreign = await imported(aylin, file(AYLIN.format("Entschieden", "")), clerk("elsewhere"))
    assert outcomes(foreign) == ["office-not-yours"]
    assert (foreign["lines"][0]["reference"], foreign["lines"][0]["before"]) == (None, None)
    assert outcomes(await imported(aylin, file("BG-2;B;01.01.1980;;l1;Neu;;mitte\r\n"), clerk("elsewhere"))) == [
        "office-not-yours"
    ]
    assert [row["state"] for row in await aylin.rows("SELECT state FROM applications")] == ["in-review"]


async def test_only_what_was_previewed_is_imported_and_by_whom_may(aylin: Applicant) -> None:
    data = file(AYLIN.format("Neu", ""))
    hash_ = (await preview(aylin, data))["hash"]
    problem_of(await send(aylin, data + b"BG-2;;;;;;;\r\n", "", hash=hash_), 422, "not-previewed")
    problem_of(await send(aylin, data, "/preview", clerk("mitte", role="council")), 403, "not-your-task")
    problem_of(await send(aylin, b"Name;Stand\r\nx;Neu", "/preview"), 422, "file-unreadable")
    answer = await aylin.staff("POST", "/applications/imports/preview", {"not": "csv"})
    problem_of(answer, 415, "not-csv")
    assert await aylin.count("applications") == 0


async def test_two_imports_at_once_make_each_application_once(aylin: Applicant) -> None:
    data = file(*(f"BG-{n};Bea Bär;01.01.1980;;l1;In Prüfung;;mitte\r\n" for n in range(90)))
    hash_ = (await preview(aylin, data))["hash"]
    answers = await asyncio.gather(*(send(aylin, data, "", hash=hash_) for _ in range(3)))
    assert [answer.json()["errors"] for answer in answers] == [0, 0, 0]
    assert sum(answer.json()["new"] for answer in answers) == await aylin.count("applications") == 90
    assert len(await aylin.events()) == 180


async def test_a_long_file_is_imported_in_several_requests(aylin: Applicant) -> None:
    data = file(*(f"BG-{n};Bea Bär;01.01.1980;;l1;Neu;;mitte\r\n" for n in range(120)), "BG-3;;;;;Neu;;\r\n")
    seen = await preview(aylin, data)
    assert (seen["new"], seen["errors"], seen["next_line"]) == (120, 1, None)
    first = (await send(aylin, data, "", hash=seen["hash"])).json()
    assert (first["new"], first["next_line"]) == (100, 102)
    rest = (await send(aylin, data, "", hash=seen["hash"], from_line="102")).json()
    assert (rest["new"], rest["next_line"], rest["lines"][-1]["reason"]) == (20, None, "line-twice")
    assert await aylin.count("applications") == 120


async def test_an_import_brings_back_nobody_who_was_erased(aylin: Applicant) -> None:
    data = file(AYLIN.format("Neu", ""))
    done = await imported(aylin, data)
    path = f"/applications/{done['lines'][0]['reference']}/erasure"
    assert (await aylin.staff("POST", path, who=clerk("mitte", role="manager"))).status_code == 200
    assert outcomes(await imported(aylin, data)) == ["person-erased"]
    assert (await aylin.count("applications"), await aylin.count("applications WHERE name IS NOT NULL")) == (1, 0)
    assert "BG-1" not in str(await aylin.rows("SELECT * FROM applications"))


@pytest.mark.parametrize("size", [10_000_000, 22_000_000])
async def test_a_line_without_an_end_is_told_and_a_file_without_one_is_refused(aylin: Applicant, size: int) -> None:
    answer = await send(aylin, file(AYLIN.format("Neu", ""), "x" * size + "\r\n"), "/preview")
    if size > LARGEST_IMPORT:
        problem_of(answer, 413, "body-too-large")
    else:
        assert outcomes(answer.json()) == ["new", "line-unreadable"]


async def test_an_own_systems_reference_is_found_by_a_search(aylin: Applicant) -> None:
    await imported(aylin, file(AYLIN.format("Neu", "")))
    [found] = (await aylin.staff("GET", "/applications/search", params={"q": "BG-1"})).json()
    assert found["name"] == "Aylin Öz"
