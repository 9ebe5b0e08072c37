"""The way to an application. Nothing is kept on the server until the last button is pressed.

Every form is answered with a redirect, so that going back and reloading never ask to send anything again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from services.gateway import drafts, moments
from services.gateway.applications import ApplicationDoor, CurrentApplications, Reference
from services.gateway.applying import PERSON, PLACE, Plan, check_place, check_plan
from services.gateway.doors import CurrentTenant, OffersOfTenants
from services.gateway.forms import FORGED, CurrentForm, check_genuine, flat
from services.gateway.offers import OfferBook
from services.gateway.pages.applications.case import address_of, let_in
from services.gateway.render import COMMON, N_, PERSONAL, CurrentLanguage, Problem, go, page, translate
from services.gateway.wishes import BIRTH_DATE, read_birth_date
from shared.tenants import Tenant

router = APIRouter(include_in_schema=False, prefix="/{lang}/applications")

DRAFT, SENT = "application", "sent application"
LONGEST_IN_ADDRESS = 600  # characters of what was typed; much more and some proxy would refuse the address
SENT_BEFORE = N_(
    "You have already sent an application from this page; you have its reference. "
    "To send a second one, press the button once more."
)
# What applications says of what can only be known there, by slug.
SAID = {"birth-date-impossible": ("birth_date", BIRTH_DATE), "idempotency-key-reused": ("send", SENT_BEFORE)}


@dataclass(frozen=True)
class Way:
    """One request on the way to an application."""

    request: Request
    tenant: Tenant
    language: str
    door: ApplicationDoor
    offers: OfferBook

    def plan(self) -> Plan:
        """Return what the address says; of the person only what this browser sealed into it."""
        query = flat(self.request.query_params)
        open_ = {name: query.get(name, "") for name in PLACE}
        return Plan.of(open_ | drafts.unseal(self.request, DRAFT, query.get("draft", "")))

    def go_to(self, step: str, plan: Plan, problem: str = "") -> Response:
        """Redirect to a step with everything known; the person's details are sealed."""
        return go(f"/{self.language}/applications/new{step}?{urlencode(self.kept(plan) | _if(problem=problem))}")

    def kept(self, plan: Plan) -> dict[str, str]:
        """Return what is known as the fields of an address."""
        draft = drafts.seal(self.request, DRAFT, plan.fields(*PERSON, "key")) if plan.has_details else ""
        return _if(**plan.fields(*PLACE), draft=draft)

    async def place_page(self, plan: Plan, problems: Sequence[Problem] = ()) -> HTMLResponse:
        """Step 1: what for, and at which office."""
        benefits, offices = await self.place()
        return self._page("benefit", plan, problems, 1, benefits=benefits, offices=offices)

    async def details_page(self, plan: Plan, problems: Sequence[Problem] = (), status: int = 422) -> HTMLResponse:
        """Step 2: who applies."""
        return await self._placed_page("details", plan.with_key(), problems, 2, status)

    async def check_page(self, plan: Plan, problems: Sequence[Problem] = (), status: int = 422) -> HTMLResponse:
        """Step 3: everything once more, and the button."""
        born = read_birth_date(plan.birth_date)
        written = moments.birth_date(born, self.language) if born else ""
        return await self._placed_page("check", plan.with_key(), problems, 3, status, born=written)

    async def place(self) -> tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]:
        """Return what can be applied for, and where."""
        return await self.door.benefits(), (await self.offers.get(self.tenant.id)).offices

    async def _placed_page(
        self,
        template: str,
        plan: Plan,
        problems: Sequence[Problem],
        step: int,
        status: int,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> HTMLResponse:
        benefits, offices = await self.place()
        if len(offices) == 1:
            plan = replace(plan, office=offices[0]["id"])
        if missing := check_place(plan, benefits, offices, self.language):
            return self._page("benefit", plan, missing, 1, benefits=benefits, offices=offices)
        benefit = next(one for one in benefits if one["id"] == plan.benefit)
        office = next(one for one in offices if one["id"] == plan.office)
        return self._page(template, plan, problems, step, status, benefit=benefit, office=office, **values)

    def _page(
        self,
        template: str,
        plan: Plan,
        problems: Sequence[Problem],
        step: int,
        status: int = 422,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> HTMLResponse:
        return page(
            self.request, self.language, f"application/{template}.html", self.tenant, plan=plan, step=step,
            status=status if problems else 200, problems=problems, kept=self.kept(plan),
            cache=PERSONAL if plan.has_details else COMMON, **values,
        )  # fmt: skip


async def get_way(
    request: Request,
    tenant: CurrentTenant,
    language: CurrentLanguage,
    door: CurrentApplications,
    offers: OffersOfTenants,
) -> Way:
    """Return the way of this request."""
    return Way(request, tenant, language, door, offers)


CurrentWay = Annotated[Way, Depends(get_way)]


@router.get("")
@router.get("/")  # as people type it
async def start(request: Request, tenant: CurrentTenant, language: CurrentLanguage) -> HTMLResponse:
    """Begin an application, or see where one stands."""
    return page(request, language, "application/start.html", tenant, cache=COMMON)


@router.get("/new")
async def choose(way: CurrentWay) -> Response:
    """Step 1."""
    return await way.place_page(way.plan())


@router.get("/new/details")
async def details(way: CurrentWay) -> Response:
    """Step 2."""
    return await way.details_page(way.plan())


@router.post("/new/check")
async def take_details(request: Request, form: CurrentForm, way: CurrentWay) -> Response:
    """Take the details along to step 3."""
    plan = Plan.of(form).with_key()
    if problems := check_genuine(request, form, way.language):
        return await way.details_page(plan, problems, 403)
    _, problems = check_plan(plan, way.language)
    if problems and sum(map(len, plan.fields(*PERSON).values())) > LONGEST_IN_ADDRESS:
        return await way.details_page(plan, problems)
    return way.go_to("/check", plan)


@router.get("/new/check")
async def check(way: CurrentWay) -> Response:
    """Step 3, or step 2 with what has to be put right."""
    plan = way.plan()
    _, problems = check_plan(plan, way.language)
    if not problems and (told := SAID.get(way.request.query_params.get("problem", ""))):
        field, text = told
        said = [Problem(field, translate(way.language, text))]
        return await (way.check_page if field == "send" else way.details_page)(plan, said)
    return await (way.details_page(plan, problems) if problems else way.check_page(plan))


@router.post("/new")
async def send(request: Request, form: CurrentForm, way: CurrentWay) -> Response:
    """Send it. Pressed twice, or again after going back, it is sent once: the form carries its idempotency key."""
    plan = Plan.of(form)
    if problems := check_genuine(request, form, way.language):
        return await way.check_page(plan, problems, 403)
    if plan.with_key() != plan:
        return await way.check_page(plan, [Problem("send", translate(way.language, FORGED))])
    wanted, problems = check_plan(plan, way.language)
    if wanted is None:
        return await way.details_page(plan, problems)
    sent, slug = await way.door.apply(wanted.model_dump_json(), plan.key)
    if slug in SAID:
        return way.go_to("/check", replace(plan, key="") if slug == "idempotency-key-reused" else plan, slug)
    if slug:
        return way.go_to("", plan)
    draft = drafts.seal(request, SENT, sent)
    address = f"{address_of(way.language, sent['reference'])}/sent?{urlencode({'draft': draft})}"
    opened = await way.door.open(sent["reference"], token=sent["link"].rpartition("/")[2])
    return let_in(request, go(address), opened)


@router.get("/{reference}/sent")
async def confirm(request: Request, reference: Reference, tenant: CurrentTenant, language: CurrentLanguage) -> Response:
    """Say that it is sent, to the browser that has: a page of its own, which can be reloaded and printed."""
    sent = drafts.unseal(request, SENT, request.query_params.get("draft", ""))
    if sent.get("reference") != reference:
        return go(address_of(language, reference))
    at = datetime.fromisoformat(sent["received_at"]).astimezone(ZoneInfo(tenant.zone))
    return page(
        request,
        language,
        "application/sent.html",
        tenant,
        sent=sent,
        moment=moments.Moment.of(at, language),
        address=address_of(language, reference),
        site=sent["link"].partition("/applications/")[0],
    )


def _if(**fields: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}
