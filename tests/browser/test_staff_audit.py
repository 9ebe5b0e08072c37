"""Every page for staff, and of phones at the office, looked at by measure, in German: accessibility, layout, HTML.

Screenshots are kept.
"""

from pathlib import Path

import pytest
from playwright.async_api import ViewportSize

from tests.browser import audit
from tests.browser.conftest import NewVisitor
from tests.browser.staff_states import STAFF_STATES
from tests.browser.validator import validate

SHOTS = Path("test-output/screenshots")
LOOKS = {"1280": ViewportSize(width=1280, height=900), "320": ViewportSize(width=320, height=640)}
SENT: dict[str, str] = {}  # what the gateway sent for each state, for the validator


@pytest.mark.parametrize("name", STAFF_STATES)
async def test_a_page_for_staff(visitor: NewVisitor, name: str) -> None:
    state = STAFF_STATES[name]
    someone = await visitor(host=state.host)
    await state.reach(someone)
    assert someone.status == state.status
    assert someone.last
    assert someone.last.headers["cache-control"] == "no-store"
    SENT[name] = await someone.last.text()
    faults: list[str] = []
    for look, size in LOOKS.items():
        await someone.page.set_viewport_size(size)
        await someone.page.evaluate("document.fonts.ready")
        await someone.page.screenshot(path=SHOTS / f"{name}-{look}.png", full_page=True)
        faults += [f"{look} {fault}" for fault in await audit.faults(someone.page)]
    assert not faults, "\n".join(faults)
    assert someone.foreign == []
    assert someone.complaints == []


async def test_what_staff_were_sent_is_valid_html() -> None:
    assert SENT, "the pages come from the test above"
    errors, warnings = await validate(SENT)
    print(*warnings, sep="\n")
    assert not errors, "\n".join(errors)
