"""The way to an appointment: its four pages, rendered from what is known of the wish so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.gateway import drafts, moments, times
from services.gateway.backend import Backend
from services.gateway.doors import Booking, CurrentTenant, OffersOfTenants
from services.gateway.forms import FORGED, Wish, read_start
from services.gateway.offers import OfferBook, Offers
from services.gateway.pages.visit import address_of
from services.gateway.render import COMMON, N_, PERSONAL, CurrentLanguage, Problem, page, translate
from shared import clock
from shared.tenants import Tenant

DRAFT = "booking"
_STEPS = {1: "", 2: "time", 3: "details", 4: "check"}

CHOOSE_CONCERN = N_("Please choose what the appointment is about.")
CHOOSE_OFFICE = N_("Please choose an office.")
OTHER_OFFICE = N_("This office does not deal with that. Please choose: %(offices)s.")
CHOOSE_TIME = N_("Please choose a time.")
TAKEN = N_("Somebody else has just booked this time. Please choose another; what you typed is kept.")
NOT_OFFERED = N_("This time cannot be booked any more. Please choose another; what you typed is kept.")
BOOKED_BEFORE = N_(
    "You have already booked an appointment from this page; you have its number. "
    "To book a second one, press the button once more."
)
HOLD_EXPIRED = N_("The time is no longer kept for you. It may still be free: please just go on.")
HELD_ENOUGH = N_("We cannot keep the time for you any longer than this. Please go on now; what you typed is kept.")
TOO_MANY = N_(
    "There are already as many appointments in this name as are possible for this concern. "
    "Please look at those first, or call us."
)
EMAIL_NEEDED = N_("This has to be confirmed by mail. Please enter your e-mail address, or call us.")
# What the page that a redirect leads to has to tell, by slug: its status, where, and what.
_TOLD = {
    "too-many-appointments": (409, "send", TOO_MANY),
    "email-needed": (422, "email", EMAIL_NEEDED),
    "hold-expired": (409, "send", HOLD_EXPIRED),
    "hold-extended-enough": (409, "send", HELD_ENOUGH),
    "slot-taken": (409, "times", TAKEN),
    "slot-not-offered": (422, "times", NOT_OFFERED),
    "idempotency-key-reused": (422, "send", BOOKED_BEFORE),
    "key-missing": (422, "send", FORGED),
}


@dataclass(frozen=True)
class Journey:
    """One request on the way to an appointment."""

    request: Request
    tenant: Tenant
    language: str
    booking: Backend
    offers: OfferBook

    def wish(self) -> Wish:
        """Return what the address says; of the person only what this browser sealed into it."""
        return self.wish_of(self.request.query_params)

    def wish_of(self, query: Mapping[str, str]) -> Wish:
        """Return what an address or a form says, whose details are sealed."""
        open_ = {name: query.get(name, "") for name in ("office", "concern", "day", "start", "held")}
        return Wish.of(open_ | drafts.unseal(self.request, DRAFT, query.get("draft", "")))

    def told(self) -> list[Problem]:
        """Return what the step before has to say."""
        slug = self.request.query_params.get("problem", "")
        return [Problem(_TOLD[slug][1], translate(self.language, _TOLD[slug][2]))] if slug in _TOLD else []

    def go_to(self, step: str, wish: Wish, problem: str = "") -> Response:
        """Redirect to a step with everything known; the person's details are sealed."""
        address = f"/{self.language}/{self._behind_language(step, wish, problem)}"
        return RedirectResponse(address, 303, {"Cache-Control": PERSONAL})

    def _behind_language(self, step: str, wish: Wish, problem: str = "") -> str:
        query = wish.fields("office", "concern", "start", "held") | {"draft": self._draft(wish), "problem": problem}
        path = f"book/{step}".rstrip("/")
        return f"{path}?{urlencode({name: value for name, value in query.items() if value})}"

    def booked(self, appointment: Mapping[str, Any]) -> Response:
        """Redirect to the confirmation: a page of its own, which can be reloaded and printed."""
        address = f"{address_of(self.language, appointment)}/booked"
        return RedirectResponse(address, 303, {"Cache-Control": PERSONAL})

    async def concern_page(self, wish: Wish, problems: Sequence[Problem] = ()) -> HTMLResponse:
        """Step 1: what it is about, and at which office."""
        offers = await self.offers.get(self.tenant.id)
        return self._page("concern.html", wish, problems, step=1, status=422, offers=offers, cache=COMMON)

    async def time_page(self, wish: Wish, problems: Sequence[Problem] = (), status: int = 0) -> HTMLResponse:
        """Step 2: the free times of one day, and the days beside it."""
        offers = await self.offers.get(self.tenant.id)
        if missing := self.check_place(wish, offers):
            return await self.concern_page(wish, missing)
        wish, office, concern = self._place(wish, offers)
        free = await times.choice(self.booking, self.tenant.id, self.language, office["id"], wish.concern, wish.day)
        return self._page(
            "time.html",
            wish,
            problems,
            step=2,
            status=status,
            office=office,
            concern=concern,
            choice=free,
            cache=PERSONAL if wish.has_details else COMMON,
        )

    async def details_page(self, wish: Wish, problems: Sequence[Problem] = (), status: int = 0) -> HTMLResponse:
        """Step 3: who comes."""
        return await self._with_place("details.html", wish, problems, step=3, status=status)

    async def check_page(self, wish: Wish, problems: Sequence[Problem] = (), status: int = 0) -> HTMLResponse:
        """Step 4: everything once more, and the button."""
        return await self._with_place("check.html", wish, problems, step=4, status=status)

    def check_place(self, wish: Wish, offers: Offers) -> list[Problem]:
        """Return what is missing before times can be shown."""
        problems = []
        concerns = [concern["id"] for concern in offers.all_concerns()]
        if wish.concern not in concerns:
            problems.append(Problem("concern-1", translate(self.language, CHOOSE_CONCERN)))
        office = offers.office(wish.office)
        if office is None:
            problems.append(Problem("office-1", translate(self.language, CHOOSE_OFFICE)))
        elif wish.concern in concerns and wish.concern not in offers.concerns[office["id"]]:
            names = ", ".join(found["name"] for found in offers.offices_for(wish.concern))
            problems.append(Problem("office-1", translate(self.language, OTHER_OFFICE, offices=names)))
        return problems

    async def _with_place(
        self, template: str, wish: Wish, problems: Sequence[Problem], *, step: int, status: int
    ) -> HTMLResponse:
        offers = await self.offers.get(self.tenant.id)
        if missing := self.check_place(wish, offers):
            return await self.concern_page(wish, missing)
        start = read_start(wish.start)
        if start is None:
            return await self.time_page(wish, [Problem("times", translate(self.language, CHOOSE_TIME))])
        wish, office, concern = self._place(wish, offers)
        zone = ZoneInfo(office["zone"])
        moment = moments.Moment.of(start.astimezone(zone), self.language)
        until = read_start(wish.held)
        held = until and until > clock.now() and moments.Moment.of(until.astimezone(zone), self.language)
        return self._page(
            template, wish, problems, step=step, status=status, office=office, concern=concern, moment=moment,
            held=held, cache=PERSONAL if wish.has_details else COMMON,
        )  # fmt: skip

    def _place(self, wish: Wish, offers: Offers) -> tuple[Wish, Mapping[str, Any], Mapping[str, Any]]:
        office = offers.office(wish.office)
        if office is None:
            raise AssertionError("check_place comes first")
        return replace(wish, office=office["id"]), office, offers.concerns[office["id"]][wish.concern]

    def _draft(self, wish: Wish) -> str:
        return drafts.seal(self.request, DRAFT, wish.fields("name", "email", "key")) if wish.has_details else ""

    def _status(self) -> int:
        slug = self.request.query_params.get("problem", "")
        return _TOLD[slug][0] if slug in _TOLD else 422

    def _page(
        self,
        template: str,
        wish: Wish,
        problems: Sequence[Problem],
        *,
        step: int,
        status: int = 0,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> HTMLResponse:
        return page(
            self.request,
            self.language,
            f"book/{template}",
            self.tenant,
            status=(status or self._status()) if problems else 200,
            problems=problems,
            wish=wish,
            step=step,
            kept=wish.fields("office", "concern") | ({"draft": self._draft(wish)} if wish.has_details else {}),
            behind_language=self._behind_language(_STEPS[step], wish) if self.request.method == "POST" else None,
            **values,
        )


async def get_journey(
    request: Request, tenant: CurrentTenant, language: CurrentLanguage, booking: Booking, offers: OffersOfTenants
) -> Journey:
    """Return the journey of this request."""
    return Journey(request, tenant, language, booking, offers)


CurrentJourney = Annotated[Journey, Depends(get_journey)]
