"""Each page for staff, by role: who may open it at their own office, and that nobody may at another's.

The pages are read from the app itself. A page that is missing in `PAGES` fails the test: add a line for it.
"""

from collections.abc import Mapping

import pytest

from services.gateway.pages import staff as pages
from shared.identity import PERMISSIONS
from tests.harness.accounts import PASSWORD, Staff

OPEN, HALF, ANY = "open", "half", "any"  # to everybody; to who has given the password; to each role

# What a page needs: a permission of `shared/identity.py`, or one of the three above. Paths are behind `/{lang}/staff`.
PAGES: Mapping[str, str] = {
    "": ANY,
    "/sign-in": OPEN,
    "/sign-in/provider": OPEN,
    "/sign-in/code": HALF,
    "/sign-out": OPEN,
    "/account": ANY,
    "/account/password": ANY,
    "/account/second-factor": ANY,
    "/account/second-factor/code.svg": ANY,
    "/account/second-factor/recovery-codes": ANY,
    "/account/second-factor/remove": ANY,
    "/account/sign-out-everywhere": ANY,
    "/accounts": "account",
    "/accounts/new": "account",
    "/accounts/{account_id}": "account",
    "/accounts/{account_id}/reset-password": "account",
    "/accounts/{account_id}/{act}": "account",
    "/audit": "audit",
    "/applications": "application",
    "/applications/search": "application",
    "/applications/new": "application",
    "/applications/{reference}": "application",
    "/applications/{reference}/state": "application",
    "/applications/{reference}/request": "application",
    "/applications/{reference}/letter": "application",
    "/applications/{reference}/code": "application",
    "/applications/{reference}/access": "application",
    "/applications/{reference}/contact": "application",
    "/applications/{reference}/records": "application",
    "/applications/{reference}/hand-over": "application",
    "/applications/{reference}/hand-over.zip": "application",
    "/applications/{reference}/export.zip": "application",
    "/applications/{reference}/erasure": "erasure",
    "/applications/{reference}/items/{item}/received": "application",
    "/applications/{reference}/items/{item}/accept": "application",
    "/applications/{reference}/items/{item}/reject": "application",
    "/applications/{reference}/items/{item}/pdf": "application",
    "/tasks": "application",
    "/tasks/{task}/done": "application",
    "/offices/{office}/day": "desk",
    "/offices/{office}/search": "desk",
    "/offices/{office}/book": "desk",
    "/offices/{office}/book/time": "desk",
    "/offices/{office}/book/details": "desk",
    "/offices/{office}/appointments/{number}": "desk",
    "/offices/{office}/appointments/{number}/cancel": "desk",
    "/offices/{office}/appointments/{number}/correct": "desk",
    "/offices/{office}/appointments/{number}/move": "desk",
    "/offices/{office}/appointments/{number}/move/check": "desk",
    "/offices/{office}/appointments/{number}/outcome": "desk",
    "/offices/{office}/appointments/{number}/tick-off": "desk",
    "/offices/{office}/appointments/{number}/waitlist": "desk",
    "/offices/{office}/desk": "desk",
    "/offices/{office}/desk/open": "desk",
    "/offices/{office}/desk/close": "desk",
    "/offices/{office}/desk/next": "desk",
    "/offices/{office}/desk/tickets/{ticket}": "desk",
    "/offices/{office}/reception": "desk",
    "/offices/{office}/reception/arrivals": "desk",
    "/offices/{office}/reception/tickets": "desk",
    "/offices/{office}/reception/tickets/{ticket}/leave": "desk",
    "/offices/{office}/reception/tickets/{ticket}/return": "desk",
    "/offices/{office}/reception/tickets/{ticket}/urgency": "desk",
    "/offices/{office}/close-day": "plan",
    "/offices/{office}/plan": "figures",
    "/offices/{office}/plan/edit": "plan",
    "/offices/{office}/plan/publish": "plan",
    "/offices/{office}/plan/return/{version}": "plan",
    "/offices/{office}/plan/withdraw": "plan",
    "/offices/{office}/switches": "switch",
    "/offices/{office}/switches/{name}": "switch",
    "/offices/{office}/switches/{name}/schedule": "switch",
    "/offices/{office}/switches/{name}/withdraw": "switch",
    "/switches": "switch-all",
    "/switches/{name}": "switch-all",
    "/switches/{name}/schedule": "switch-all",
    "/switches/{name}/withdraw": "switch-all",
    "/offices/{office}/devices": "device",
    "/offices/{office}/devices/{device}/revoke": "device",
}
# They know no language: the way there, and back from the authority's sign-in.
OUTSIDE = {"/staff", "/staff/sign-in/back"}
# What stands for the holes in a path. What does not exist is 404 for whom the page is, and 403 for others.
AN_ID = "0198c0de-0000-7000-8000-000000000000"
VALUES = {
    "account_id": AN_ID, "act": "disable", "number": "XXXX-XXXX", "ticket": AN_ID, "version": "1", "name": "waitlist",
    "device": AN_ID, "reference": "96TR-4JND-1", "item": "ausweis", "task": AN_ID,
}  # fmt: skip
ROLES = ("clerk", "manager", "placement", "council", "admin")
PREFIX = "/{lang}/staff"


def routes() -> list[tuple[str, str]]:
    """Return method and path of all pages, without what leads to them."""
    found = [(method, route.path) for router in pages.ROUTERS for route in router.routes for method in route.methods]  # type: ignore[attr-defined]
    return sorted((method, path) for method, path in found if path not in OUTSIDE)


def address(path: str, office: str) -> str:
    filled = path.removeprefix(PREFIX)
    for name, value in {"office": office, **VALUES}.items():
        filled = filled.replace(f"{{{name}}}", value)
    return f"/de/staff{filled}"


def test_every_page_is_in_the_table() -> None:
    missing = {path for _, path in routes()} - {PREFIX + path for path in PAGES}
    assert not missing, f"say in PAGES of tests/service/test_staff_pages.py what these pages need: {sorted(missing)}"
    gone = {PREFIX + path for path in PAGES} - {path for _, path in routes()}
    assert not gone, f"these pages are gone, take them out of PAGES: {sorted(gone)}"
    assert set(PAGES.values()) <= {OPEN, HALF, ANY, *PERMISSIONS}


async def test_who_is_not_signed_in_sees_the_way_to_sign_in(staff: Staff) -> None:
    nobody = await staff.member()
    for method, path in routes():
        answer = await nobody.client.request(method, address(path, "mitte"))
        if PAGES[path.removeprefix(PREFIX)] != OPEN:
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/de/staff/sign-in"), (method, path)


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_sees_what_the_table_says(staff: Staff, role: str) -> None:
    own = await staff.signed_in(role)
    # An office that there is, of which a colleague in the same role is not.
    login = await staff.add(role, office="elsewhere")
    await staff.rows("UPDATE staff_accounts SET is_demo = true WHERE login = :login", login=login)  # no second factor
    foreign = await staff.signed_in(login, PASSWORD)
    faults = []
    for method, path in routes():
        needs = PAGES[path.removeprefix(PREFIX)]
        if needs in (OPEN, HALF):
            continue
        may = needs == ANY or role in PERMISSIONS[needs]
        for someone, allowed in ((own, may), (foreign, may and "{office}" not in path)):
            # A form without its token: who may is told so (403 too, but on the page), and nothing changes.
            answer = await someone.client.request(method, address(path, "mitte"))
            refused = answer.status_code == 403 and "Das ist nicht erlaubt" in answer.text
            if refused == allowed or answer.status_code >= 500:
                faults.append(f"{method} {path} by {someone.login}: {answer.status_code}")
    assert not faults, faults
