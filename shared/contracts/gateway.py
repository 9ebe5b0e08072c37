"""Events of the gateway."""

from pydantic import AwareDatetime, Field

from shared.events import Event


class SwitchSet(Event, type="gateway.switch-set.v1", topic="gateway.switch", key="switch_id"):
    """A behaviour was switched on or off, for an office or the whole tenant; who did it is not told."""

    switch_id: str = Field(description="Tenant, office and switch with slashes between; the office may be empty.")
    office_id: str = Field(description="Empty: the whole tenant. What is set for an office wins over it.")
    switch: str = Field(description="Which one: a name of `shared/switches.py`; others are ignored.")
    is_on: bool | None = Field(
        description="Empty: nothing is set here any more. What is set for the tenant holds, or the default."
    )
    set_at: AwareDatetime
