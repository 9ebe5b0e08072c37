"""What staff change of who can open an application and how its person is reached."""

from typing import Any

from services.applications import applying
from services.applications.access import Access
from services.applications.benefits import Offer
from services.applications.queries import Case
from services.applications.staff import find, note
from shared import api_staff_applications as api
from shared.db import Session
from shared.identity import Identity


async def reissue_code(session: Session, reference: str, staff: Identity, access: Access) -> api.NewCode:
    """Make a new code and link; those from before, and bearers, open nothing any more, at once.

    Raises `ApplicationNotFound`, `NotYourTask`.
    """
    case = await find(session, reference, staff, lock=True)
    version = case.row["access_version"] + 1
    case.change(access_version=version)
    await case.save(session)
    note(session, staff, "reissue-code", case.row, {"access_version": version - 1}, {"access_version": version})
    id_, own = case.row["id"], case.row["reference"]
    return api.NewCode(reference=own, code=access.code(id_, version), link=access.link(id_, own, version))


async def set_online_access(session: Session, reference: str, staff: Identity, *, is_open: bool) -> Case:
    """Open or close online access; as it is already, nothing changes. Raises `ApplicationNotFound`, `NotYourTask`."""
    case = await find(session, reference, staff, lock=True)
    before = case.row["online_access"]
    if before != is_open:
        case.change(online_access=is_open)
        await case.save(session)
        note(session, staff, "set-online-access", case.row, {"open": before}, {"open": is_open})
    return case


async def correct_contact(
    session: Session, reference: str, wanted: api.ContactCorrection, staff: Identity, offer: Offer
) -> Case:
    """Correct who a person is and how to reach them; correct already, nothing changes.

    No event tells of it: events name nobody, and each later one is sealed for the person as they are then.
    Raises `ApplicationNotFound`, `NotYourTask`, `BirthDateImpossible`.
    """
    case = await find(session, reference, staff, lock=True)
    changes = _changes(wanted)
    if "birth_date" in changes:
        applying.check_birth_date(changes["birth_date"], offer)
    changed = {name: value for name, value in changes.items() if value != case.row[name]}
    if changed:
        case.change(**changed)
        await case.save(session)
        note(session, staff, "correct-application", case.row, after={"changed": sorted(changed)})
    return case


def _changes(wanted: api.ContactCorrection) -> dict[str, Any]:
    """Return what was sent. An address or a number can go; a name, a birth date and a language cannot."""
    sent = wanted.model_dump(include=wanted.model_fields_set)
    return {name: value for name, value in sent.items() if value is not None or name in ("email", "phone")}
