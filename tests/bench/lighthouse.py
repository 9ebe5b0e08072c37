"""Lighthouse on a phone with a slow network, as it measures unless told otherwise (simulated throttling)."""

import asyncio
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

PROGRAM = Path("tests/browser/node_modules/.bin/lighthouse")
RUNS = 3
MOST_LCP, MOST_CLS, GOOD_TBT = 1800, 0.02, 50


@dataclass(frozen=True)
class Scores:
    """The median of a page's runs; times in milliseconds. `faults`: the rules of accessibility that are broken."""

    lcp: float
    cls: float
    tbt: float
    accessibility: float
    faults: list[str]

    @property
    def good(self) -> bool:
        """Whether all floors are reached."""
        return self.lcp <= MOST_LCP and self.cls <= MOST_CLS and self.accessibility == 1


def missing() -> str:
    """Return what to do before anything can be measured, empty when nothing is missing."""
    if not shutil.which("node"):
        return "install Node.js 18 or newer"
    if not PROGRAM.exists():
        return "npm ci --prefix tests/browser"
    return "" if _chromium() else "install chromium"


async def measure(url: str) -> Scores:
    """Open a page so many times, each in a new browser."""
    runs = [await _run(url) for _ in range(RUNS)]
    audits = [run["audits"] for run in runs]
    lcp, cls, tbt = (
        median(audit[name]["numericValue"] for audit in audits)
        for name in ("largest-contentful-paint", "cumulative-layout-shift", "total-blocking-time")
    )
    accessibility = median(run["categories"]["accessibility"]["score"] for run in runs)
    rules = {one["id"] for one in runs[0]["categories"]["accessibility"]["auditRefs"]}
    return Scores(lcp, cls, tbt, accessibility, sorted(rule for rule in rules if audits[0][rule]["score"] == 0))


async def _run(url: str) -> dict[str, Any]:
    """Run Lighthouse; once more when its trace has missed the start of the page, as it advises itself."""
    try:
        return await _run_once(url)
    except RuntimeError as error:
        if "NO_NAVSTART" not in str(error):
            raise
    return await _run_once(url)


async def _run_once(url: str) -> dict[str, Any]:
    flags = "--headless=new --no-sandbox" if os.geteuid() == 0 else "--headless=new"
    process = await asyncio.create_subprocess_exec(
        PROGRAM, url, "--quiet", "--output=json", "--only-categories=performance,accessibility",
        f"--chrome-flags={flags}", env=os.environ | {"CHROME_PATH": _chromium()},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    if process.returncode:
        raise RuntimeError(errors.decode())
    found: dict[str, Any] = json.loads(output)
    if error := found.get("runtimeError"):
        raise RuntimeError(f"{error['code']}: {error['message']}")
    return found


def _chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), "")
