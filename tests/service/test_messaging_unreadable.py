"""A record that the client library itself cannot read, among good ones."""

import pytest
from aiokafka.producer import message_accumulator as accumulator
from aiokafka.producer import producer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from tests.harness.chaos import count
from tests.harness.events import booked, record
from tests.harness.installation import Installation
from tests.harness.kafka import Raw, produce
from tests.harness.waiting import eventually


class NotUtf8(str):
    """A header's name that no client would write; a broker takes it."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:  # noqa: ARG002
        return b"\xff\xfe"


async def test_a_header_name_that_is_not_utf8_is_one_dead_letter_and_the_good_records_around_it_take_effect(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (accumulator, producer):  # the compiled builder takes plain names only
        monkeypatch.setattr(module, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)
    good = [record(installation, booked(), partition=0) for _ in range(20)]
    bad = Raw(good[0].topic, b"key", [(NotUtf8("name"), b"value")], b"{}", partition=0)
    await produce(installation.kafka, good[:10])
    [first] = await produce(installation.kafka, [bad])
    await produce(installation.kafka, good[10:15])
    [second] = await produce(installation.kafka, [bad])
    await produce(installation.kafka, good[15:])
    async with installation.app("statistics"):

        async def applied() -> bool:
            return await count(installation, "statistics", "appointment_facts") == len(good)

        await eventually(applied)
        letters = await installation.rows("statistics", 'SELECT "partition", "offset", error FROM dead_letters')
    assert {(letter["partition"], letter["offset"]) for letter in letters} == {first, second}
    assert all("UTF-8" in letter["error"] for letter in letters)
