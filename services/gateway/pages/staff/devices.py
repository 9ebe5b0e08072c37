"""The kiosks and call displays of an office: registering them, and letting them be used no more."""

from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.gateway import devices
from services.gateway.devices import Kind
from services.gateway.forms import CurrentForm, check_genuine
from services.gateway.members import Member, require
from services.gateway.pages.office.place import CurrentPlace, Place
from services.gateway.render import N_, Problem, go, page, translate

router = APIRouter(include_in_schema=False, prefix="/{lang}/staff/offices/{office}/devices")

DeviceMember = Annotated[Member, Depends(require("device"))]

NAME_MISSING = N_("Please enter a name, of at most 60 characters.")
KIND_MISSING = N_("Please choose what the device is.")


@router.get("")
async def show(request: Request, place: CurrentPlace, member: DeviceMember) -> Response:
    """Show the office's devices."""
    return await _page(request, place, member)


@router.post("")
async def register(request: Request, form: CurrentForm, place: CurrentPlace, member: DeviceMember) -> Response:
    """Register a device, and show once the link that makes a browser this device."""
    name, kind = form.get("name", "").strip(), form.get("kind", "")
    problems = check_genuine(request, form, place.language)
    if problems:
        return await _page(request, place, member, problems, 403, form=form)
    if not devices.is_name(name):
        problems += [Problem("name", translate(place.language, NAME_MISSING))]
    if kind not in get_args(Kind):
        problems += [Problem("kind", translate(place.language, KIND_MISSING))]
    if problems:
        return await _page(request, place, member, problems, 422, form=form)
    chosen: Kind = "kiosk" if kind == "kiosk" else "display"
    async with request.app.state.service.database.transaction(place.tenant.id) as session:
        secret = await devices.register(session, member.identity, place.id, chosen, name)
    link = f"{request.url.scheme}://{request.headers['host']}{place.address}/{chosen}?device={secret}"
    return await _page(request, place, member, link=link)


@router.post("/{device}/revoke")
async def revoke(
    request: Request, device: UUID, form: CurrentForm, place: CurrentPlace, member: DeviceMember
) -> Response:
    """Let a device be used no more."""
    if problems := check_genuine(request, form, place.language):
        return await _page(request, place, member, problems, 403)
    async with request.app.state.service.database.transaction(place.tenant.id) as session:
        await devices.revoke(session, member.identity, place.id, device)
    return go(f"/{place.language}/staff/offices/{place.id}/devices")


async def _page(
    request: Request,
    place: Place,
    member: Member,
    problems: list[Problem] | None = None,
    status: int = 200,
    *,
    form: CurrentForm | None = None,
    link: str = "",
) -> Response:
    async with request.app.state.service.database.transaction(place.tenant.id) as session:
        found = await devices.list_devices(session, place.id)
    shown = [one | {"since": place.moment(one["created_at"].isoformat())} for one in map(dict, found)]
    return page(
        request, place.language, "staff/devices.html", place.tenant, status=status, problems=problems or [],
        member=member, office=place.office, devices=shown, link=link, typed=form or {},
    )  # fmt: skip
