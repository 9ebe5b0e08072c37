"""The gateway's pages without a browser: for what is quicker to ask over HTTP than to click."""

import html
import re
from html.parser import HTMLParser

import httpx


def browser(base_url: str = "", language: str = "de") -> httpx.AsyncClient:
    """Return a client that keeps cookies and follows redirects as a browser does."""
    headers = {"Accept": "text/html", "Accept-Language": language}
    return httpx.AsyncClient(base_url=base_url, trust_env=False, follow_redirects=True, headers=headers)


def csrf_of(page: str) -> str:
    """Return the token of a page's form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, "the page has no form that changes something"
    return html.unescape(found[1])


def hidden_fields(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    reader = _Inputs()
    reader.feed(page)
    return {field["name"]: field.get("value", "") for field in reader.inputs if field.get("type") == "hidden"}


def problems_of(page: str) -> list[str]:
    """Return what the page's summary of problems says."""
    summary = re.search(r'<div class="problems".*?</div>', page, re.DOTALL)
    return [html.unescape(text) for text in re.findall(r"<a [^>]*>([^<]+)</a>", summary[0])] if summary else []


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inputs: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            self.inputs.append({name: value or "" for name, value in attrs})
