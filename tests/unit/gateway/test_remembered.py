"""Pages need not wait for what was known a moment ago, and one question serves all who wait."""

import asyncio
from collections.abc import Iterator

import pytest

from services.gateway import remembered
from services.gateway.backend import ServiceAway
from services.gateway.remembered import Remembered


class Service:
    """Answers one more each time, once it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.away = False

    async def answer(self, _: str) -> int:
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        if self.away:
            raise ServiceAway("away", part="it")
        return number


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    time = [100.0]
    monkeypatch.setattr(remembered, "monotonic", lambda: time[0])
    return time  # type: ignore[return-value]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_whoever_asks_while_a_question_is_under_way_gets_its_answer(now: list[float]) -> None:  # noqa: ARG001
    service = Service()
    known = Remembered(service.answer, fresh=10, old=100)
    waiting = [asyncio.create_task(known.get("t")) for _ in range(20)]
    await settled()
    service.may_answer.set()
    assert await asyncio.gather(*waiting) == [1] * 20
    assert service.asked == 1


async def test_what_is_fresh_is_not_asked_for_and_what_is_old_serves_until_the_new_is_there(now: list[float]) -> None:
    service = Service()
    service.may_answer.set()
    known = Remembered(service.answer, fresh=10, old=100)
    assert await known.get("t") == 1
    now[0] += 9
    assert await known.get("t") == 1
    assert service.asked == 1
    service.may_answer.clear()
    now[0] += 2
    assert await known.get("t") == 1, "it hangs, and nobody waits"
    service.may_answer.set()
    await settled()
    assert await known.get("t") == 2


async def test_what_is_too_old_is_waited_for(now: list[float]) -> None:
    service = Service()
    service.may_answer.set()
    known = Remembered(service.answer, fresh=10, old=100)
    await known.get("t")
    now[0] += 111
    assert await known.get("t") == 2


async def test_a_service_that_is_away_is_asked_again_and_its_old_answer_serves(now: list[float]) -> None:
    service = Service()
    service.may_answer.set()
    known = Remembered(service.answer, fresh=10, old=100)
    service.away = True
    with pytest.raises(ServiceAway):
        await known.get("t")
    service.away = False
    assert await known.get("t") == 2
    service.away = True
    now[0] += 11
    assert await known.get("t") == 2
    await settled()
    assert await known.get("t") == 2
    assert service.asked >= 3


async def test_somebody_who_goes_away_takes_the_question_from_nobody(now: list[float]) -> None:  # noqa: ARG001
    service = Service()
    known = Remembered(service.answer, fresh=10, old=100)
    impatient, patient = asyncio.create_task(known.get("t")), asyncio.create_task(known.get("t"))
    await settled()
    impatient.cancel()
    await settled()
    service.may_answer.set()
    assert await patient == 1
