"""What applications publishes arrives in Kafka, in order, and can be read by whoever follows."""

import pytest

from shared.contracts.applications import ApplicationReceived, ApplicationStatusChanged, StatusInquired
from shared.events import Envelope, parse
from tests.harness.applicant import Applicant
from tests.harness.identity import Signed
from tests.harness.inprocess import announce_key
from tests.harness.installation import Installation
from tests.harness.kafka import read_all
from tests.harness.waiting import eventually

pytestmark = pytest.mark.usefixtures("on_monday")


async def test_events_of_an_application_arrive_in_order(installation: Installation) -> None:
    key = await announce_key(installation, "applications")
    async with installation.app("applications") as running:
        running.client.auth = Signed("applications")
        aylin = Applicant(installation, running, key)
        sent = await aylin.applied()
        bearer, path = await aylin.bearer(sent), f"/applications/{sent['reference']}"
        for what in ("status-inquiries", "withdrawal"):
            assert (await aylin.client.post(f"{path}/{what}", headers=bearer)).is_success

        async def all_gone() -> bool:
            return await aylin.count("outbox") == 0

        await eventually(all_gone)
    records = await read_all(installation.kafka, f"{installation.name}.applications.application")
    events = [parse(Envelope.from_headers(record.headers), record.value) for record in records]
    assert [type(event) for event in events] == [ApplicationReceived, StatusInquired, ApplicationStatusChanged]
    assert [event.version for event in events] == [1, 2, 3]
    assert {record.key.decode() for record in records} == {str(events[0].key)}
    assert all(b"Aylin" not in record.value and b"aylin" not in record.value for record in records)
