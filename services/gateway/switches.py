"""What is switched on, as this process knows it: no page waits for the database to find out.

Each process reads all that is set every two seconds, and at once what it has set itself. While the database is away,
what was known last holds; where nothing is known, the default.
"""

from collections.abc import Iterable
from typing import Any

import structlog
from sqlalchemy import select

from services.gateway.models import switch_settings
from shared import metrics
from shared.db import is_transient
from shared.errors import Conflict
from shared.service import Service
from shared.switches import WHOLE_TENANT, Name
from shared.switches import is_on as holds

log = structlog.get_logger()

POLL_SECONDS = 2.0
WAKES = "switches"  # the signal of a transaction that sets one
BOOKING_OFF = "online-booking-off"  # what booking says


class OnlineBookingOff(Conflict):
    """Online booking is switched off; `extra["office"]`: where, empty for all offices."""


class Switches:
    """What is set for all tenants and offices."""

    def __init__(self) -> None:
        self._set: dict[tuple[str, str, str], bool | None] = {}
        self._away = False

    def is_on(self, tenant: str, office: str, name: Name) -> bool:
        """Tell whether a behaviour is on at an office; never waits."""
        own, of_tenant = (self._set.get((tenant, place, name)) for place in (office, WHOLE_TENANT))
        return holds(name, of_office=own, of_tenant=of_tenant)

    def is_on_anywhere(self, tenant: str, offices: Iterable[str], name: Name) -> bool:
        """Tell whether it is on at one of the offices; of none, whether it is for the whole tenant."""
        return any(self.is_on(tenant, office, name) for office in list(offices) or [WHOLE_TENANT])

    async def keep_up(self, service: Service[Any]) -> None:
        """Keep up with what is set, for ever: a background task."""
        while True:
            service.database.signal(WAKES).clear()
            await self.read(service)
            await service.database.wait_for_signal(WAKES, POLL_SECONDS)

    async def read(self, service: Service[Any]) -> None:
        """Read what is set now."""
        try:
            async with service.database.transaction() as session:
                rows = (await session.execute(select(switch_settings))).all()
        except Exception as error:
            if not is_transient(error):
                raise
            if not self._away:
                log.warning("switches stay as they were while the database is away", error=type(error).__name__)
            self._away = True
            return
        self._away = False
        self._set = {(row.tenant, row.office_id, row.name): row.is_on for row in rows}
        for (tenant, office, name), is_on in self._set.items():
            metrics.SWITCH_OFF.labels(tenant, office or "*", name).set(int(is_on is False))
