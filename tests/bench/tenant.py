"""The tenant that measurements book with: four offices of twenty desks, and all the times they offer."""

import itertools
import random
import uuid
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from tests.harness.identity import signed

OFFICES, DESKS, MINUTES, HORIZON_DAYS = 4, 20, 10, 60
OPENS, CLOSES = time(6), time(22)
ZONE = ZoneInfo("Europe/Berlin")


def write(directory: Path) -> None:
    """Write its file into a folder that is then used as TENANTS_DIR."""
    directory.mkdir(exist_ok=True)
    hours = [{"days": ["mon", "tue", "wed", "thu", "fri", "sat"], "from": f"{OPENS}", "to": f"{CLOSES}"}]
    team = {"id": "team", "name": "Team", "desks": DESKS, "concerns": ["concern", "three"], "hours": hours}
    address = {"street": "Weg 1", "postcode": "12345", "city": "Bank"}
    offices = [
        {"id": f"office-{n}", "name": f"Office {n}", "address": address, "phone": "", "teams": [team]}
        for n in range(OFFICES)
    ]
    concern = {
        "id": "concern",
        "name": {"de": "Anliegen", "en": "Concern"},
        "minutes": MINUTES,
        "lead_days": 1,
        "horizon_days": HORIZON_DAYS,
        "papers": {"de": ["Ausweis"], "en": ["Identity card"]},
    }
    tenant: dict[str, Any] = {
        "id": "bench",
        "hosts": ["localhost", "127.0.0.1"],
        "name": "Bench",
        "land": "NW",
        "zone": ZONE.key,
        "languages": ["de", "en"],
        "sender": {"name": "Bench", "address": "bench@bench.example"},
        "offices": offices,
        "concerns": [concern, concern | {"id": "three", "minutes": 90}],  # as long as three of half an hour
    }
    (directory / "bench.yml").write_text(yaml.safe_dump(tenant), encoding="utf-8")


class Requests:
    """Makes booking requests, spread over all times so that hardly any is taken."""

    def __init__(self, *, email: str = "") -> None:
        today = datetime.now(ZONE).date()
        days = [today + timedelta(days=n) for n in range(2, HORIZON_DAYS)]
        self.starts = [
            start.astimezone(UTC)
            for day in days
            if day.weekday() < 6 and (day.month, day.day) not in {(12, 25), (12, 26), (1, 1)}
            for start in (
                datetime.combine(day, OPENS, ZONE) + timedelta(minutes=MINUTES * n)
                for n in range((CLOSES.hour - OPENS.hour) * 60 // MINUTES)
            )
        ]
        places = list(itertools.product(range(OFFICES), self.starts))
        random.Random(4).shuffle(places)
        self._places = itertools.cycle(places)
        self._email = email
        self.sent: dict[str, float] = {}

    def __call__(self, number: int) -> tuple[str, dict[str, str], dict[str, object]]:
        """Return path, headers and body of one booking."""
        office, start = next(self._places)
        body: dict[str, object] = {
            "office": f"office-{office}",
            "concern": "concern",
            "start": start.isoformat(),
            "name": "Aylin Öz",
            "email": self._email.format(number) or None,
            "language": "de",
        }
        return self.path, {"Idempotency-Key": str(uuid.uuid4()), **signed("booking", "bench")}, body

    path = "/appointments"


class GatewayRequests(Requests):
    """The same through the gateway's public API."""

    path = "/api/v1/appointments"
