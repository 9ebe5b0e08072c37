"""What a line of the office's own system would do to the applications here. Nothing is done yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from services.applications import applying, domain
from services.applications.benefits import Offer
from services.applications.staff import check_move
from shared import api_staff_applications as api
from shared.api_imports import Outcome
from shared.contracts.applications import State
from shared.identity import Identity

LONGEST_REFERENCE = 60
FIRST_YEAR = 1800  # below are typing errors, and years of two digits
_DAYS = ("%d.%m.%Y", "%Y-%m-%d")
_MOMENTS = ("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


@dataclass(frozen=True)
class Plan:
    """What a line does: `request` for a new application, a move from `before` to `after` for one that is here."""

    outcome: Outcome
    before: State | None
    after: State
    at: datetime
    request: api.StaffApplicationRequest | None = None


@dataclass(frozen=True)
class Known:
    """An application that a line is about, as far as planning needs it."""

    row: Mapping[str, Any]
    missing: bool


class Words:
    """The own system's words, and the tenant's own names, by what they mean here."""

    def __init__(self, offer: Offer) -> None:
        own = offer.imports
        names = {
            one.id: [text for named in one.names for text in named.name.values()] for one in offer.benefits.values()
        }
        self._states = _by_word(domain.STATES, own.states)
        self._benefits = _by_word(offer.benefits, names, own.benefits)
        self._offices = _by_word(offer.offices, {one.id: [one.name] for one in offer.offices.values()}, own.offices)

    def state(self, word: str) -> State:
        """Return a state; raise `ValueMissing`, `ValueUnreadable`."""
        found: State = _meant(self._states, word, "state", "imports.states")
        return found

    def benefit(self, word: str) -> str:
        """Return a benefit's id; raise `ValueMissing`, `ValueUnreadable`."""
        return str(_meant(self._benefits, word, "benefit", "imports.benefits"))

    def office(self, word: str) -> str:
        """Return an office's id; raise `ValueMissing`, `ValueUnreadable`."""
        return str(_meant(self._offices, word, "office", "imports.offices"))


def external_reference(line: domain.Line) -> str:
    """Return the own system's reference of a line; raise `LineUnreadable`, `ValueMissing`, `ValueUnreadable`."""
    if line.fault:
        raise domain.LineUnreadable(line.fault)
    reference = line.values.get("reference", "")
    if not reference:
        raise domain.ValueMissing("The line has no reference.", column="reference")
    if len(reference) > LONGEST_REFERENCE:
        raise domain.ValueUnreadable(
            f"The reference is longer than {LONGEST_REFERENCE} characters.", column="reference"
        )
    return reference


def plan(line: domain.Line, known: Known | None, offer: Offer, words: Words, staff: Identity, now: datetime) -> Plan:
    """Return what a line does.

    Raises `ValueMissing`, `ValueUnreadable`, `OfficeNotYours`, `PersonErased`, `AnotherPerson`, `StateJump`,
    `ExplanationNeeded`, `NothingMissing`, `ReceivedInFuture`, `BirthDateImpossible`.
    """
    state = words.state(line.values.get("state", ""))
    since = _since(line, offer.zone, now)
    if known is None:
        return _new(line, state, since, offer, words, staff, now)
    row = known.row
    _check_office(row["office_id"], staff)
    if row["erased_at"] is not None:
        raise domain.PersonErased("The data of this person were erased here. The application is not made again.")
    born = line.values.get("birth_date", "")
    if born and _day(born, "birth_date") != row["birth_date"]:
        raise domain.AnotherPerson("The date of birth is another than that of the application with this reference.")
    if state == row["state"]:
        return Plan("unchanged", state, state, row["state_since"])
    _check_move(row["state"], state, missing=known.missing)
    return Plan("changed", row["state"], state, max(since or now, row["state_since"]))


def _new(
    line: domain.Line,
    state: State,
    since: datetime | None,
    offer: Offer,
    words: Words,
    staff: Identity,
    now: datetime,
) -> Plan:
    benefit = offer.benefit(words.benefit(line.values.get("benefit", "")))
    office = words.office(line.values.get("office", ""))
    _check_office(office, staff)
    born = _day(_needed(line, "birth_date"), "birth_date")
    applying.check_birth_date(born, offer)
    if state != "received":
        _check_move("received", state, missing=any(item.needed == "always" for item in benefit.items))
    given = {
        "benefit": benefit.id,
        "office": office,
        "name": _needed(line, "name"),
        "birth_date": born,
        "email": line.values.get("email", ""),
        "channel": "import",
    }
    try:
        request = api.StaffApplicationRequest.model_validate(given)
    except ValidationError as error:
        column = str(error.errors()[0]["loc"][0])
        raise domain.ValueUnreadable(f"The {column} cannot be accepted. Please correct it.", column=column) from None
    return Plan("new", None, state, since or now, request)


def _check_move(before: State, wanted: State, *, missing: bool) -> None:
    try:
        check_move(before, wanted, "", missing=missing)
    except domain.ExplanationNeeded:
        detail = f"From {before} to {wanted} is a step back. Please do it on the application's page, and explain it."
        raise domain.ExplanationNeeded(detail) from None


def _check_office(office_id: str, staff: Identity) -> None:
    if office_id not in staff.offices:
        raise domain.OfficeNotYours("The application is of an office that you do not work for.")


def _needed(line: domain.Line, column: str) -> str:
    if text := line.values.get(column, ""):
        return text
    raise domain.ValueMissing(f"The application is new, and the line has no {column}.", column=column)


def _since(line: domain.Line, zone: ZoneInfo, now: datetime) -> datetime | None:
    text = line.values.get("since", "")
    if not text:
        return None
    local = _read(text, (*_MOMENTS, *_DAYS), "since")
    since = local.replace(tzinfo=zone).astimezone(UTC)
    if since > now:
        raise domain.ReceivedInFuture("The state cannot have begun later than now.", column="since")
    return since


def _day(text: str, column: str) -> date:
    return _read(text, _DAYS, column).date()


def _read(text: str, patterns: Iterable[str], column: str) -> datetime:
    for pattern in patterns:
        try:
            read = datetime.strptime(text, pattern)  # noqa: DTZ007  the zone follows
        except ValueError:
            continue
        if read.year >= FIRST_YEAR:
            return read
    raise domain.ValueUnreadable(f"The {column} is no date like 31.12.2026.", column=column)


def _by_word(ids: Iterable[str], *words: Mapping[Any, Iterable[str]]) -> dict[str, str]:
    found = {_plain(word): id_ for named in words for id_, some in named.items() for word in some}
    return found | {id_: id_ for id_ in ids}


def _meant(words: Mapping[str, str], word: str, column: str, setting: str) -> Any:  # noqa: ANN401  an id, or a state
    if not word:
        raise domain.ValueMissing(f"The line has no {column}.", column=column)
    if (found := words.get(_plain(word))) is None:
        detail = f"The {column} “{word[:60]}” is not known. It can be added to {setting} in the tenant's file."
        raise domain.ValueUnreadable(detail, column=column)
    return found


def _plain(word: str) -> str:
    return " ".join(word.casefold().split())
