"""Codes, links and bearers: what opens an application, and for how long."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, strategies

from services.applications.access import Access, Opened
from shared import links

NOW = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
ID = UUID("019ac3b0-7a10-7c44-9d0e-5b2f6c1e8a31")
ACCESS = Access("musterstadt", "a secret", "http://localhost", timedelta(minutes=30))
OPENED = Opened(ID, "all", 3)


def test_a_bearer_says_what_it_opens_until_it_expires() -> None:
    for scope in ("all", "state"):
        opened = Opened(ID, scope, 3)
        bearer, expires_at = ACCESS.bearer(opened, NOW)
        assert expires_at == NOW + timedelta(minutes=30)
        assert ACCESS.read_bearer(bearer, expires_at - timedelta(seconds=1)) == opened
        assert ACCESS.read_bearer(bearer, expires_at) is None


def test_a_bearer_of_another_tenant_or_secret_opens_nothing() -> None:
    bearer, _ = ACCESS.bearer(OPENED, NOW)
    for other in (
        Access("duesseldorf", "a secret", "http://localhost", timedelta(minutes=30)),
        Access("musterstadt", "another", "http://localhost", timedelta(minutes=30)),
    ):
        assert other.read_bearer(bearer, NOW) is None


@given(strategies.integers(0, 80), strategies.integers(1, 255))
def test_a_changed_bearer_opens_nothing(position: int, flip: int) -> None:
    bearer, _ = ACCESS.bearer(OPENED, NOW)
    place = position % len(bearer)
    changed = bearer[:place] + chr((ord(bearer[place]) ^ flip) or 1) + bearer[place + 1 :]
    read = ACCESS.read_bearer(changed, NOW)
    assert read is None or (read == OPENED and place == len(bearer) - 1), "the last one has bits that mean nothing"


@pytest.mark.parametrize("given_", ["", "x", "ä", "=", "A" * 500, "\x00", "!!!!"])
def test_what_is_no_bearer_opens_nothing(given_: str) -> None:
    assert ACCESS.read_bearer(given_, NOW) is None


def test_a_new_version_makes_codes_and_links_void() -> None:
    assert ACCESS.is_code(ID, 1, ACCESS.code(ID).lower().replace("-", " "))
    assert ACCESS.is_token(ID, 1, ACCESS.token(ID))
    assert not ACCESS.is_code(ID, 2, ACCESS.code(ID))
    assert not ACCESS.is_token(ID, 2, ACCESS.token(ID))
    assert ACCESS.is_code(ID, 2, ACCESS.code(ID, 2))
    assert not ACCESS.is_code(uuid4(), 1, ACCESS.code(ID))


def test_the_first_version_of_a_code_is_what_it_was_before_there_were_versions() -> None:
    assert links.code("a secret", ID) == links.code("a secret", ID, 1)
    assert links.opens("a secret", ID, links.code("a secret", ID))


def test_a_secret_is_in_no_text_of_it() -> None:
    assert "a secret" not in repr(ACCESS)
