"""Ten times as many people as times within seconds, through waiting room and gateway; `tests.bench rush` is larger."""

import contextlib

from tests.bench.rush import Rush, open_office
from tests.harness.parts import Parts

ARRIVALS, SECONDS, DESKS, TIMES = 300, 5, 5, 6


async def test_every_time_is_booked_once_and_nobody_is_told_of_an_appointment_that_is_none(parts: Parts) -> None:
    settings = {"RUSH_ARRIVALS_PER_MINUTE": 20, "RUSH_ADMITTED_PER_MINUTE": 1200, "RUSH_PROOF_HASHES": 2}
    made = await open_office(parts, DESKS, TIMES, **settings)
    try:
        with contextlib.closing(Rush(made.ports["gateway"])) as rush:
            await rush.run(ARRIVALS, SECONDS)
            assert await rush.faults(made, DESKS * TIMES) == []
            assert rush.statuses[303] > ARRIVALS / 2, "the waiting room was open"
    finally:
        await made.stop()
