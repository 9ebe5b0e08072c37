"""A form is genuine only with the value of this browser's cookie."""

import base64
import secrets

from fastapi import Request, Response
from hypothesis import given
from hypothesis import strategies as st

from services.gateway import csrf

VALUE = secrets.token_bytes(16)


def request(cookie: bytes | str | None = VALUE, scheme: str = "http") -> Request:
    """Return a request of a browser with this cookie."""
    if isinstance(cookie, bytes):
        cookie = base64.urlsafe_b64encode(cookie).decode()
    name = "__Host-csrf" if scheme == "https" else "csrf"
    headers = [] if cookie is None else [(b"cookie", f"{name}={cookie}".encode())]
    return Request({"type": "http", "headers": headers, "scheme": scheme, "path": "/", "server": ("x", 80)})


def test_what_a_page_holds_is_genuine_in_its_browser() -> None:
    assert csrf.is_genuine(request(), csrf.token(request()))


def test_every_page_holds_something_else() -> None:
    tokens = {csrf.token(request()) for _ in range(20)}
    assert len(tokens) == 20
    assert all(csrf.is_genuine(request(), token) for token in tokens)


def test_another_browsers_token_is_forged() -> None:
    assert not csrf.is_genuine(request(secrets.token_bytes(16)), csrf.token(request()))


def test_without_a_cookie_nothing_is_genuine() -> None:
    assert not csrf.is_genuine(request(None), csrf.token(request()))


def test_a_token_with_one_changed_byte_is_forged() -> None:
    token = base64.urlsafe_b64decode(csrf.token(request()))
    for position in range(len(token)):
        changed = bytes(byte ^ (n == position) for n, byte in enumerate(token))
        assert not csrf.is_genuine(request(), base64.urlsafe_b64encode(changed).decode())


@given(st.text())
def test_garbage_is_forged(text: str) -> None:
    assert not csrf.is_genuine(request(), text)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_a_cookie_of_garbage_makes_nothing_genuine(text: str) -> None:
    assert not csrf.is_genuine(request(text), csrf.token(request()))


def test_a_new_browser_is_given_a_cookie_that_fits_its_page() -> None:
    for scheme, attributes in (("http", ""), ("https", "Secure")):
        asked, answer = request(None, scheme), Response()
        token = csrf.token(asked)
        assert csrf.token(asked) != token
        csrf.set_cookie(asked, answer)
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        assert attributes in cookie
        value = cookie.partition("=")[2].partition(";")[0].strip('"')
        assert csrf.is_genuine(request(value, scheme), token)


def test_a_browser_that_has_a_cookie_keeps_it() -> None:
    asked, answer = request(), Response()
    csrf.token(asked)
    csrf.set_cookie(asked, answer)
    assert "set-cookie" not in answer.headers
