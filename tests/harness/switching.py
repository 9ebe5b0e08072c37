"""Switches as staff press them, and what the gateway and booking then know."""

from typing import Any

from tests.harness.inprocess import Town
from tests.harness.member import Member
from tests.harness.waiting import eventually


async def press(
    member: Member,
    to: str,
    path: str = "/de/staff/offices/mitte/switches/online-booking",
    reason: str = "",
    **fields: str,
) -> Any:
    """Press a button of a switch's page as it is now."""
    version = (await member.get(path)).text.partition('name="version" value="')[2].partition('"')[0]
    return await member.send(path, **({"version": version, "to": to, "reason": reason} | fields))


async def gateway_rows(town: Town, query: str) -> list[tuple[Any, ...]]:
    """Return rows of the gateway's database."""
    return [tuple(row.values()) for row in await town.installation.rows("gateway", query)]


async def settings(town: Town) -> list[tuple[Any, ...]]:
    """Return what is set: office, name, whether it is on, version."""
    return await gateway_rows(town, "SELECT office_id, name, is_on, version FROM switch_settings ORDER BY 1, 2")


async def told_to_booking(town: Town, *wanted: tuple[Any, ...]) -> None:
    """Wait until booking knows just these settings."""

    async def known() -> bool:
        rows = await town.installation.rows("booking", "SELECT office_id, name, is_on FROM switches ORDER BY 1, 2")
        return [tuple(row.values()) for row in rows] == list(wanted)

    await eventually(known, within=10)
