"""Switches of an office or of the whole tenant: what is on, switching now or at a time, and back with one press."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response

from services.gateway import schedules, switching
from services.gateway.backend import ServiceAway
from services.gateway.doors import CurrentTenant, OffersOfTenants
from services.gateway.forms import CurrentForm, Form, check_genuine
from services.gateway.members import CurrentMember, Member, NotAllowed
from services.gateway.moments import Moment
from services.gateway.render import N_, CurrentLanguage, PageNotFound, Problem, go, page, translate
from services.gateway.switching import Place, Setting
from shared import clock
from shared import switches as registry
from shared.db import Session
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff")

LONGEST_REASON = 200
VALUES: Mapping[str, bool | None] = {"on": True, "off": False, "none": None}
CHOOSE = N_("Please choose whether it is to be on or off.")
LATE = N_("This was done or withdrawn already.")
OTHERWISE = N_("Something else is scheduled for this moment. Please withdraw that first.")
MEANWHILE = N_(
    "Since you opened this page, %(who)s has set this: %(value)s. Do you still want to change it? Press again."
)
SOMEBODY = N_("somebody else")
WORDS = {True: N_("on"), False: N_("off"), None: N_("nothing set")}
_TOLD = {
    "set": N_("Done. It holds everywhere within ten seconds."),
    "same": N_("Nothing to do: it is set like this already."),
    "scheduled": N_("It is scheduled. You can withdraw it until then."),
    "withdrawn": N_("Withdrawn."),
}


@dataclass(frozen=True)
class Panel:
    """The switches of a request's office; office '': of the whole tenant."""

    request: Request
    tenant: Tenant
    language: str
    member: Member
    office: str
    office_name: str

    @property
    def address(self) -> str:
        """Where its list is."""
        return f"/{self.language}/staff" + (f"/offices/{self.office}" if self.office else "") + "/switches"

    @property
    def zone(self) -> ZoneInfo:
        """In which times are shown and typed."""
        return ZoneInfo(self.tenant.zone)

    def place(self, name: str) -> Place:
        """Return the switch of this name; raise `PageNotFound`."""
        found = next((known for known in registry.NAMES if known == name), None)
        if found is None:
            raise PageNotFound("There is no such switch.")
        return Place(self.office, found)

    def when(self, moment: datetime) -> Moment:
        """Write a moment."""
        return Moment.of(moment.astimezone(self.zone).replace(microsecond=0), self.language)

    def go_to(self, place: Place, told: str) -> Response:
        """Redirect to a switch's page, which says what was done."""
        return go(f"{self.address}/{place.name}?told={told}")

    def shown(self, place: Place, settings: Mapping[Place, Setting]) -> dict[str, Any]:
        """Return what a page tells of a switch."""
        own = settings.get(place, Setting())
        of_tenant = settings.get(Place(registry.WHOLE_TENANT, place.name), Setting())
        inherits = own.is_on is None and bool(self.office)
        holds = of_tenant if inherits else own
        is_on = registry.is_on(place.name, of_office=own.is_on, of_tenant=of_tenant.is_on)
        return {
            "name": place.name,
            "switch": registry.SWITCHES[place.name],
            "own": own,
            "inherits": inherits,
            "is_on": is_on,
            "since": self.when(holds.since) if holds.since else None,
            "by": holds.by,
            "reason": holds.reason,
        }

    async def page(
        self, place: Place, problems: list[Problem] | None = None, status: int = 200, form: Form | None = None
    ) -> Response:
        """Show one switch with what is scheduled and what was done."""
        database = self.request.app.state.service.database
        async with database.transaction(self.tenant.id) as session:
            settings = await switching.settings(session, self.office)
            scheduled = await switching.changes(session, place, scheduled=True)
            history = await switching.changes(session, place, scheduled=False)
        told = _TOLD.get(self.request.query_params.get("told", ""), "") if self.request.method == "GET" else ""
        return page(
            self.request, self.language, "staff/switch.html", self.tenant, status=status, problems=problems or [],
            panel=self, member=self.member, one=self.shown(place, settings), scheduled=scheduled, history=history,
            told=told and translate(self.language, told), typed=form or {},
            behind_language=f"{self.address}/{place.name}".removeprefix(f"/{self.language}/"),
        )  # fmt: skip


async def get_panel(
    request: Request,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    member: CurrentMember,
    offers: OffersOfTenants,
) -> Panel:
    """Return the panel of a request; raise `NotAllowed`. Booking, which knows the offices' names, may be away."""
    office = request.path_params.get("office", registry.WHOLE_TENANT)
    if not (member.may("switch", office) if office else member.may("switch-all")):
        raise NotAllowed("Your account does not include this. Whoever manages accounts can change that.")
    found = None
    if office:
        try:
            found = (await offers.get(tenant.id)).office(office)
        except ServiceAway:
            found = None
    return Panel(request, tenant, language, member, office, found["name"] if found else office)


CurrentPanel = Annotated[Panel, Depends(get_panel)]


@router.get("/switches")
@router.get("/offices/{office}/switches")
async def overview(panel: CurrentPanel) -> Response:
    """Show all switches, and since when and by whom they are as they are."""
    async with panel.request.app.state.service.database.transaction(panel.tenant.id) as session:
        settings = await switching.settings(session, panel.office)
    switches = [panel.shown(Place(panel.office, name), settings) for name in registry.NAMES]
    return page(
        panel.request, panel.language, "staff/switches.html", panel.tenant, panel=panel, member=panel.member,
        switches=switches,
    )  # fmt: skip


@router.get("/switches/{name}")
@router.get("/offices/{office}/switches/{name}")
async def look(name: str, panel: CurrentPanel) -> Response:
    """Show one switch."""
    return await panel.page(panel.place(name))


@router.post("/switches/{name}")
@router.post("/offices/{office}/switches/{name}")
async def set_now(name: str, form: CurrentForm, panel: CurrentPanel) -> Response:
    """Switch on or off, or take back what is set; a page that was overtaken says by what."""
    place = panel.place(name)
    if problems := check_genuine(panel.request, form, panel.language):
        return await panel.page(place, problems, 403, form)
    if form.get("to") not in VALUES:
        return await panel.page(place, [Problem("send", translate(panel.language, CHOOSE))], 422, form)
    wanted, version = VALUES[form["to"]], _version(form)

    async def work(session: Session) -> bool:
        return await switching.set_now(
            session, place, version, panel.member.identity, is_on=wanted, reason=_reason(form)
        )

    try:
        changed = await panel.request.app.state.service.database.run(work, panel.tenant.id)
    except switching.ChangedMeanwhile:
        async with panel.request.app.state.service.database.transaction(panel.tenant.id) as session:
            own = (await switching.settings(session, panel.office)).get(place, Setting())
        who, value = (translate(panel.language, word) for word in (own.by or SOMEBODY, WORDS[own.is_on]))
        text = translate(panel.language, MEANWHILE, who=who, value=value)
        return await panel.page(place, [Problem("send", text)], 409, form)
    return panel.go_to(place, "set" if changed else "same")


@router.post("/switches/{name}/schedule")
@router.post("/offices/{office}/switches/{name}/schedule")
async def schedule(name: str, form: CurrentForm, panel: CurrentPanel) -> Response:
    """Switch at a time, and back at another if one is given."""
    place = panel.place(name)
    if problems := check_genuine(panel.request, form, panel.language):
        return await panel.page(place, problems, 403, form)
    period = schedules.read(form.get("from", ""), form.get("until", ""), panel.zone, clock.now())
    problems = [Problem(field, translate(panel.language, text)) for field, text in period.problems]
    wanted = VALUES.get(form.get("to", ""))
    if wanted is None:
        problems.append(Problem("to-1", translate(panel.language, CHOOSE)))
    start = period.start
    if problems or wanted is None or start is None:
        return await panel.page(place, problems, 422, form)

    async def work(session: Session) -> None:
        await switching.schedule(
            session,
            place,
            panel.member.identity,
            is_on=wanted,
            start=start,
            end=period.end,
            reason=_reason(form, "reason-then"),
        )

    try:
        await panel.request.app.state.service.database.run(work, panel.tenant.id)
    except switching.OtherwiseScheduled:
        return await panel.page(place, [Problem("from", translate(panel.language, OTHERWISE))], 409, form)
    return panel.go_to(place, "scheduled")


@router.post("/switches/{name}/withdraw")
@router.post("/offices/{office}/switches/{name}/withdraw")
async def withdraw(name: str, form: CurrentForm, panel: CurrentPanel) -> Response:
    """Withdraw what is scheduled; what was done already stays done, and the page shows it."""
    place = panel.place(name)
    if problems := check_genuine(panel.request, form, panel.language):
        return await panel.page(place, problems, 403)

    async def work(session: Session) -> bool:
        change = _id(form.get("change", ""))
        return change is not None and await switching.withdraw(session, place, change, panel.member.identity)

    if await panel.request.app.state.service.database.run(work, panel.tenant.id):
        return panel.go_to(place, "withdrawn")
    return await panel.page(place, [Problem("", translate(panel.language, LATE))], 409)


def _reason(form: Form, field: str = "reason") -> str:
    return form.get(field, "").replace("\0", "").strip()[:LONGEST_REASON]  # no key types a NUL, no database keeps it


def _version(form: Form) -> int:
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(2**31)) else -1


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
