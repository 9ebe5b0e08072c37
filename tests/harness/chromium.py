"""The browser of the tests: the system's Chromium."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

HOW_TO_GET_A_BROWSER = (
    "The browser tests need Chromium: install it (Debian, Ubuntu: apt-get install chromium), "
    "or set CHROMIUM to the path of a Chromium or Chrome."
)


def find_chromium() -> str | None:
    """Return the path of the browser that is named, or else of one that is installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    return path if path and Path(path).exists() else None


@asynccontextmanager
async def launched(path: str) -> AsyncIterator[Browser]:
    """Start the browser at a path; it finds the tests' host names on this machine."""
    arguments = ["--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP *.example 127.0.0.1"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        await browser.close()
