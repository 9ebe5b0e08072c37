"""A slip is believed only as it was given, by its own tenant, for its time; so is a stamp."""

import pytest
from fastapi import Request, Response
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.proof import Proof
from services.gateway.slips import PASS_HOURS, SLIP_HOURS, Slip, Slips

NOW = 1_790_000_000.25
SLIPS = Slips("-----BEGIN KEY-----\nabc\n-----END KEY-----\n")


def request(cookie: str = "", scheme: str = "http") -> Request:
    headers = [(b"cookie", cookie.encode("latin-1"))] if cookie else []
    return Request({"type": "http", "headers": headers, "scheme": scheme, "path": "/", "server": ("x", 80)})


def given_to_browser(slip: Slip, tenant: str = "a", scheme: str = "http") -> str:
    response = Response()
    SLIPS.write(request(scheme=scheme), response, tenant, slip)
    return response.headers["set-cookie"]


def cookie(slip: Slip, tenant: str = "a") -> str:
    return given_to_browser(slip, tenant).partition(";")[0]


def test_a_slip_is_read_as_it_was_written() -> None:
    for slip in (Slip.new(NOW), Slip.new(NOW).of_kind("quick", NOW + 1), Slip.new(NOW).of_kind("in", NOW)):
        assert SLIPS.read(request(cookie(slip)), "a", NOW + 5) == slip
        assert SLIPS.read(request(cookie(slip)), "b", NOW + 5) is None
        assert Slips("another").read(request(cookie(slip)), "a", NOW + 5) is None


def test_all_replicas_have_one_key_however_their_file_ends() -> None:
    assert Slips("-----BEGIN KEY-----\r\nabc\r\n-----END KEY-----").key == SLIPS.key


@given(st.text(st.characters(max_codepoint=255, exclude_characters=";\r\n\0"), max_size=60))
def test_nothing_else_is_a_slip(text: str) -> None:
    assert SLIPS.read(request(f"waiting={text}"), "a", NOW) is None


@pytest.mark.parametrize(("kind", "hours"), [("arrived", SLIP_HOURS), ("quick", SLIP_HOURS), ("in", PASS_HOURS)])
def test_it_is_good_for_its_time(kind: str, hours: int) -> None:
    slip = Slip.new(NOW).of_kind(kind, NOW)  # type: ignore[arg-type]
    assert SLIPS.read(request(cookie(slip)), "a", NOW + hours * 3600 - 1) == slip
    assert SLIPS.read(request(cookie(slip)), "a", NOW + hours * 3600 + 1) is None


def test_over_tls_no_sibling_host_can_set_it_and_no_script_can_read_it() -> None:
    written = given_to_browser(Slip.new(NOW), scheme="https")
    assert written.startswith("__Host-waiting=")
    assert {"HttpOnly", "Secure", "Path=/"} <= set(written.split("; "))


def test_a_stamp_tells_its_second_to_its_own_tenant() -> None:
    stamp = SLIPS.stamp("a", NOW)
    assert len(stamp) == 16
    assert SLIPS.stamped_at("a", stamp) == int(NOW)
    assert SLIPS.stamped_at("b", stamp) is None
    assert SLIPS.stamp("a", NOW) != stamp


@given(st.none() | st.binary(min_size=16, max_size=16))
def test_another_value_is_no_stamp(value: bytes | None) -> None:
    assert SLIPS.stamped_at("a", value) is None


@pytest.mark.parametrize("solution", ["", "e30=", "bnVsbA==", "W10=", "eyJjaGFsbGVuZ2UiOnt9fQ==", "ü", "\ud800"])
def test_nonsense_solves_nothing(solution: str) -> None:
    assert not Proof(b"key", 100).is_solution(Slip.new(NOW), solution)
