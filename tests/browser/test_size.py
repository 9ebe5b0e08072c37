"""The first visit is small: what a phone loads before anything is in its cache."""

import pytest

from services.gateway import assets
from tests.browser.conftest import NewVisitor

MOST_BYTES, MOST_SCRIPT_BYTES = 100_000, 10_000


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("duesseldorf.localhost", "/"),
        ("localhost", "/book"),
        ("localhost", "/book/time?office=mitte&concern=neuantrag"),
    ],
)
async def test_the_first_visit_is_small(visitor: NewVisitor, host: str, path: str) -> None:
    someone = await visitor(host=host)
    session = await someone.page.context.new_cdp_session(someone.page)
    loaded: list[float] = []
    session.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    await session.send("Network.enable")
    await someone.page.goto(f"{someone.base_url}/de{path}", wait_until="networkidle")
    print(f"{path}: {len(loaded)} requests, {sum(loaded):.0f} bytes")
    assert len(loaded) >= 6, "page, two styles, two fonts, script"
    assert sum(loaded) <= MOST_BYTES


def test_own_script_is_small() -> None:
    sizes = {script.name: script.stat().st_size for script in assets.FOLDER.rglob("*.js")}
    at_the_office = sizes.pop("display.js") + sizes.pop("office.js")  # no first visit loads these
    for_papers = sizes.pop("upload.js"), sizes.pop("photos.js")  # no other pages load these
    assert sizes
    assert sum(sizes.values()) <= MOST_SCRIPT_BYTES
    assert max(for_papers) <= MOST_SCRIPT_BYTES
    assert at_the_office <= 2 * 4000
