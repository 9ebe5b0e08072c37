"""Applications as the staff's pages show them: registered, opened, sent forms about; what a page says in words."""

import html
import re
import uuid
from typing import Any

from tests.harness.accounts import Staff
from tests.harness.identity import SignedAs, clerk
from tests.harness.member import Member

LIST = "/de/staff/applications"
AYLIN = {
    "benefit": "l1", "office": "mitte", "channel": "post", "name": "Aylin Öz", "birth_date": "17.5.1990",
    "language": "de", "email": "aylin@example.org",
}  # fmt: skip
SEEN = re.compile(r'name="seen" value="([^"]*)"')


async def registered(someone: Member, **changes: str) -> str:
    """Register an application; return its reference."""
    answer = await someone.send(f"{LIST}/new", **(AYLIN | {"key": str(uuid.uuid4())} | changes))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("/")[4]


async def shown(someone: Member, path: str, status: int = 200) -> str:
    """Open a page; return what it says."""
    answer = await someone.get(path)
    assert answer.status_code == status, answer.text
    return words(answer.text)


def words(page: str) -> str:
    main = page.partition("<main")[2].partition("</main")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


async def done(someone: Member, page: str, action: str, says: str, **fields: str) -> None:
    """Send a form that must be accepted, and see what the page after it says."""
    answer = await someone.send(page, action, **fields)
    assert answer.status_code == 303, answer.text
    assert says in await shown(someone, answer.headers["location"])


async def seen_by(someone: Member, case: str) -> str:
    found = SEEN.search((await someone.get(case)).text)
    assert found
    return found[1]


async def opened(staff: Staff, reference: str, code: str) -> int:
    """Return the status with which a code opens an application."""
    client = staff.town.applications.client
    return (await client.post(f"/applications/{reference}/access", json={"code": code})).status_code


async def asked(staff: Staff, reference: str) -> dict[str, Any]:
    """Return an application as applications has it."""
    client = staff.town.applications.client
    answer = await client.get(f"/staff/applications/{reference}", auth=SignedAs("applications", clerk("mitte")))
    found: dict[str, Any] = answer.json()
    return found
