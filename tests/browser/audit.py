"""What can be measured on a page that is open: rules of accessibility, overflow, sizes, words."""

from typing import Any

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What must be easy to hit: everything to press but links within a sentence.
TARGETS = (
    "main a, main button, main summary, main select, main .choice, "
    "main input:not([type=hidden]):not([type=radio]):not([type=checkbox]), header a, footer ul a"
)
LEAST_TARGET, LEAST_TEXT = 44, 12

_SPACED = (
    """css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet]; }"""
)
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SMALL = """([selector, least]) => [...document.querySelectorAll(selector)].filter(one => {
    const box = one.getBoundingClientRect();
    const inSentence = one.matches('p a') && one.closest('p').textContent.trim() !== one.textContent.trim();
    return box.width && !inSentence && !one.matches('.skip') && !one.matches('.tile a') && box.height < least - 0.5;
}).map(one => one.outerHTML.slice(0, 120))"""
_CLIPPED = """() => [...document.querySelectorAll('main *, header *, footer *')].filter(one => {
    const style = getComputedStyle(one);
    return one.clientWidth > 1 && style.overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1
        && !one.matches('.kern-sr-only, input, svg, svg *');
}).map(one => one.outerHTML.slice(0, 120))"""
_CHART = "[...document.querySelectorAll('svg text')].map(one => parseFloat(getComputedStyle(one).fontSize))"
_WIDE = (
    "() => [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)"
    ".map(one => one.outerHTML.slice(0, 120))"
)


async def axe_violations(page: Page) -> list[str]:
    """Return what breaks a rule."""
    results: Any = await Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return [
        f"{found['id']}: {node['html'][:160]} {node['failureSummary']}"
        for found in results.response["violations"]
        for node in found["nodes"]
    ]


async def layout_faults(page: Page) -> list[str]:
    """Return what does not fit: sideways scrolling, clipped text."""
    faults: list[str] = await page.evaluate(_CLIPPED)
    if await page.evaluate(_OVERFLOW) > 0:
        faults += ["scrolls sideways", *await page.evaluate(_WIDE)]
    return faults


async def faults(page: Page) -> list[str]:
    """Return all that is wrong with a page as wide as it is now."""
    return [*await axe_violations(page), *await layout_faults(page), *await small_targets(page)]


async def with_spacing(page: Page) -> None:
    """Give text the distances of WCAG 1.4.12."""
    css = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    await page.evaluate(_SPACED, css + " p { margin-bottom: 2em !important }")


async def with_large_text(page: Page) -> None:
    """Double the size of text (WCAG 1.4.4)."""
    await page.evaluate(_SPACED, "html { font-size: 200% !important } body { font-size: 2.25rem !important }")


async def as_designed(page: Page) -> None:
    """Take both back."""
    await page.evaluate(_SPACED, "")


async def small_targets(page: Page) -> list[str]:
    """Return what is hard to hit."""
    found: list[str] = await page.evaluate(_SMALL, [TARGETS, LEAST_TARGET])
    return found


async def small_chart_text(page: Page) -> list[float]:
    """Return sizes of chart texts that are too small to read."""
    return [size for size in await page.evaluate(_CHART) if size < LEAST_TEXT]
