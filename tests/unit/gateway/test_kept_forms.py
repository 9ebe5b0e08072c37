"""What a form brings along: what an error page may repeat of it, its key, and the address that it is counted by."""

from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request

from services.gateway import queue
from services.gateway.pages.errors import is_repeated
from services.gateway.wishes import Wish


@pytest.mark.parametrize(
    ("path", "repeated"),
    [
        ("/de/office/mitte/arrive", True),
        ("/de/office/mitte/ticket", True),
        ("/de/office/mitte/kiosk", False),
        ("/de/office/mitte/kiosk/ticket", False),
        ("/de/staff/sign-in/code", False),
        ("/de/staff/account/password", False),
        ("/de/staff/offices/mitte/book", True),
    ],
)
def test_an_error_page_repeats_what_was_typed_unless_others_could_see_it(path: str, *, repeated: bool) -> None:
    assert is_repeated(path) == repeated


@pytest.mark.parametrize("key", ["", "ä", "x" * 40, "a\nb", "0198C0DE-0000-7000-8000-000000000000"])
def test_a_key_that_is_none_of_ours_is_renewed(key: str) -> None:
    made = Wish(key=key).with_key()
    assert made.key != key
    assert made.with_key() == made


async def test_of_ipv6_a_whole_household_counts_as_one_phone() -> None:
    async def counted(address: str) -> str:
        app = SimpleNamespace(state=SimpleNamespace(phones=None))
        scope = {"type": "http", "scheme": "http", "path": "/", "query_string": b"", "headers": [], "app": app}
        request: Any = Request(scope | {"server": ("localhost", 80), "client": (address, 1)})
        nothing: Any = SimpleNamespace(id="musterstadt")
        return (await queue.get_queue(request, nothing, nothing, nothing)).phone.address

    assert await counted("2001:db8:1:2::3") == await counted("2001:db8:1:2:ffff::4")
    assert await counted("2001:db8:1:2::3") != await counted("2001:db8:1:3::3")
