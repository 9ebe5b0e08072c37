"""The way to an appointment: its four pages, rendered from what is known of the wish so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import Locale
from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from services.gateway import drafts, moments, times
from services.gateway.backend import Backend
from services.gateway.doors import Booking, CurrentTenant, OffersOfTenants
from services.gateway.forms import flat, read_start
from services.gateway.offers import OfferBook, Offers, Place
from services.gateway.pages import sentences
from services.gateway.pages.visit import address_of
from services.gateway.render import COMMON, PERSONAL, CurrentLanguage, Problem, go, page, pick, translate
from services.gateway.switches import OnlineBookingOff, Switches
from services.gateway.wishes import PERSON, PLACE, Wish, check_wish, list_interpreters, read_birth_date
from shared import api, clock, languages
from shared.tenants import Tenant

DRAFT = "booking"
_STEPS = {1: "", 2: "time", 3: "details", 4: "check"}


@dataclass(frozen=True)
class Journey:
    """One request on the way to an appointment."""

    request: Request
    tenant: Tenant
    language: str
    booking: Backend
    offers: OfferBook
    switches: Switches

    def wish(self) -> Wish:
        """Return what the address says; of the person only what this browser sealed into it."""
        return self.wish_of(flat(self.request.query_params))

    def wish_of(self, query: Mapping[str, str]) -> Wish:
        """Return what an address or a form says, whose details are sealed."""
        open_ = {name: query.get(name, "") for name in (*PLACE, "day", "start", "held")}
        return Wish.of(open_ | drafts.unseal(self.request, DRAFT, query.get("draft", "")))

    def told(self) -> list[Problem]:
        """Return what the step before has to say."""
        slug = self.request.query_params.get("problem", "")
        if slug not in sentences.AFTER_REDIRECT:
            return []
        _, field, text = sentences.AFTER_REDIRECT[slug]
        return [Problem(field, translate(self.language, text))]

    def go_to(self, step: str, wish: Wish, problem: str = "") -> Response:
        """Redirect to a step with everything known; the person's details are sealed."""
        address = f"/{self.language}/{self._behind_language(step, wish, problem)}"
        return go(address)

    def _behind_language(self, step: str, wish: Wish, problem: str = "") -> str:
        query = wish.fields(*PLACE, "start", "held") | {"draft": self._draft(wish), "problem": problem}
        path = f"book/{step}".rstrip("/")
        return f"{path}?{urlencode(_filled(query))}"

    def booked(self, appointment: Mapping[str, Any]) -> Response:
        """Redirect to the confirmation: a page of its own, which can be reloaded and printed."""
        address = f"{address_of(self.language, appointment)}/booked"
        return go(address)

    def booking_off(self, office: str = "") -> OnlineBookingOff:
        """Return the error that says so; without an office: at all of them."""
        return OnlineBookingOff("No appointment can be booked online at the moment.", office=office)

    async def concern_page(self, wish: Wish, problems: Sequence[Problem] = ()) -> HTMLResponse:
        """Step 1: what it is about, and at which office."""
        offers = await self.offers.get(self.tenant.id)
        closed = [one["id"] for one in offers.offices if not self._takes_bookings(one["id"])]
        if len(closed) == len(offers.offices):
            raise self.booking_off()
        return self._page(
            "concern.html", wish, problems, step=1, status=422, offers=offers, closed=closed, cache=COMMON
        )

    async def time_page(self, wish: Wish, problems: Sequence[Problem] = (), status: int = 0) -> HTMLResponse:
        """Step 2: the free times of one day, and the days beside it; also what else can be dealt with then."""
        offers = await self.offers.get(self.tenant.id)
        place = offers.place(wish.office, wish.concern, wish.further)
        if place is None:
            return await self.concern_page(wish, self._what_is_missing(wish, offers))
        if not self._takes_bookings(place.office["id"]):
            raise self.booking_off(place.office["id"])
        problems, free = [*problems, *self._left_out(wish, place, offers)], None
        wish = _at(wish, place)
        too_much = self._too_much(place)
        if not too_much:
            concerns = [wish.concern, *place.also]
            free = await times.choice(self.booking, self.tenant.id, self.language, wish.office, concerns, wish.day)
            too_much = [] if free else [Problem("also-1", translate(self.language, sentences.NOT_TOGETHER))]
        return self._page(
            "time.html",
            wish,
            [*problems, *too_much],
            step=2,
            status=status,
            place=place,
            choice=free,
            cache=PERSONAL if wish.has_details else COMMON,
        )

    async def details_page(self, wish: Wish, problems: Sequence[Problem] = (), status: int = 0) -> HTMLResponse:
        """Step 3: who comes."""
        interpreters = list_interpreters(self.language)
        return await self._with_place("details.html", wish, problems, step=3, status=status, interpreters=interpreters)

    async def check_page(self, wish: Wish, problems: Sequence[Problem] = (), status: int = 0) -> HTMLResponse:
        """Step 4: everything once more, and the button."""
        born = read_birth_date(wish.birth_date)
        interpreter = Locale.parse(languages.locale(self.language)).languages.get(wish.interpreter, "")
        return await self._with_place(
            "check.html",
            wish,
            problems,
            step=4,
            status=status,
            born=born and moments.birth_date(born, self.language),
            interpreter=interpreter,
        )

    async def check(self, wish: Wish) -> tuple[api.AppointmentRequest | None, list[Problem]]:
        """Return the request for booking, or what has to be put right at the details first."""
        place = (await self.offers.get(self.tenant.id)).place(wish.office, wish.concern, wish.further)
        return check_wish(_at(wish, place), place, self.language) if place else (None, [])

    async def _with_place(
        self,
        template: str,
        wish: Wish,
        problems: Sequence[Problem],
        *,
        step: int,
        status: int,
        **values: Any,  # noqa: ANN401  what the template needs
    ) -> HTMLResponse:
        offers = await self.offers.get(self.tenant.id)
        place = offers.place(wish.office, wish.concern, wish.further)
        start = read_start(wish.start)
        if place is None or self._too_much(place):
            return await self.time_page(wish)
        if not self._takes_bookings(place.office["id"]):
            raise self.booking_off(place.office["id"])
        if start is None:
            return await self.time_page(wish, [Problem("times", translate(self.language, sentences.CHOOSE_TIME))])
        wish = _at(wish, place)
        zone = ZoneInfo(place.office["zone"])
        moment = moments.Moment.of(start.astimezone(zone), self.language)
        until = read_start(wish.held)
        held = until and until > clock.now() and moments.Moment.of(until.astimezone(zone), self.language)
        return self._page(
            template, wish, problems, step=step, status=status, place=place, moment=moment, held=held,
            kind=wish.kind if wish.kind in place.kinds else place.usual_kind,
            cache=PERSONAL if wish.has_details else COMMON, **values,
        )  # fmt: skip

    def _takes_bookings(self, office: str) -> bool:
        return self.switches.is_on(self.tenant.id, office, "online-booking")

    def _what_is_missing(self, wish: Wish, offers: Offers) -> list[Problem]:
        problems = []
        concerns = [concern["id"] for concern in offers.all_concerns()]
        if wish.concern not in concerns:
            problems.append(Problem("concern-1", translate(self.language, sentences.CHOOSE_CONCERN)))
        office = offers.office(wish.office)
        if office is None:
            problems.append(Problem("office-1", translate(self.language, sentences.CHOOSE_OFFICE)))
        elif wish.concern in concerns and wish.concern not in offers.concerns[office["id"]]:
            names = ", ".join(found["name"] for found in offers.offices_for(wish.concern))
            problems.append(Problem("office-1", translate(self.language, sentences.OTHER_OFFICE, offices=names)))
        return problems

    def _left_out(self, wish: Wish, place: Place, offers: Offers) -> list[Problem]:
        """Name what was chosen before the office was, and what that office does not deal with."""
        elsewhere = [one for one in offers.all_concerns() if one["id"] in wish.further and one["id"] not in place.also]
        names = ", ".join(pick(one["name"], self.language) for one in elsewhere)
        return [Problem("", translate(self.language, sentences.NOT_HERE, concerns=names))] if names else []

    def _too_much(self, place: Place) -> list[Problem]:
        if len(place.concerns) > api.MOST_CONCERNS:
            text = translate(self.language, sentences.TOO_MUCH, most=api.MOST_CONCERNS)
            return [Problem("also-1", text)]
        return [] if place.kinds else [Problem("also-1", translate(self.language, sentences.NOT_TOGETHER))]

    def _draft(self, wish: Wish) -> str:
        return drafts.seal(self.request, DRAFT, wish.fields(*PERSON, "key")) if wish.has_details else ""

    def _status(self) -> int:
        slug = self.request.query_params.get("problem", "")
        return sentences.AFTER_REDIRECT[slug][0] if slug in sentences.AFTER_REDIRECT else 422

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
            kept=_filled(wish.fields(*PLACE)) | ({"draft": self._draft(wish)} if wish.has_details else {}),
            behind_language=self._behind_language(_STEPS[step], wish) if self.request.method == "POST" else None,
            **values,
        )


def _at(wish: Wish, place: Place) -> Wish:
    """Return the wish with the place that it means."""
    return replace(wish, office=place.office["id"], also=" ".join(place.also))


def _filled(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


async def get_journey(
    request: Request, tenant: CurrentTenant, language: CurrentLanguage, booking: Booking, offers: OffersOfTenants
) -> Journey:
    """Return the journey of this request."""
    return Journey(request, tenant, language, booking, offers, request.app.state.switches)


CurrentJourney = Annotated[Journey, Depends(get_journey)]
