"""The appointment somebody is about to book, and what they have to put right first, told in their language."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import get_args
from uuid import UUID, uuid4

from babel import Locale
from pydantic import ValidationError

from services.gateway.offers import Place
from services.gateway.render import N_, Problem, translate
from shared import clock, languages
from shared.api import AppointmentRequest, Need

NEEDS: tuple[str, ...] = get_args(Need)
# Languages of interpreters, by code; the names of languages come from Babel. Others are asked for by phone.
INTERPRETERS = (
    "am", "ar", "bg", "bn", "bs", "ckb", "cs", "el", "en", "es", "fa", "fr", "hi", "hr", "hu", "it", "ku", "mk", "pl",
    "ps", "pt", "ro", "ru", "sk", "so", "sq", "sr", "ta", "th", "ti", "tr", "uk", "ur", "vi", "zh",
)  # fmt: skip
# What a form or an address tells openly, and what it tells of the person, which travels sealed.
PLACE = ("office", "concern", "also")
PERSON = ("kind", "phone", "name", "email", "birth_date", "interpreter", "needs")
EARLIEST_BIRTH = date(1900, 1, 1)

_NAME = {
    "missing": N_("Please enter your name."),
    "string_too_short": N_("Please enter your name."),
    "string_too_long": N_("Your name can have up to 200 characters here. Please shorten it."),
}
_NO_NAME = N_("Please write only your name, without links or special characters.")
EMAIL = N_("Please check your e-mail address: it should look like name@example.org. You can also leave it out.")
EMAIL_TO_CHECK = N_("Please check your e-mail address: it should look like name@example.org.")
EMAIL_NEEDED = N_("This has to be confirmed by mail. Please enter your e-mail address, or call us.")
KIND = N_("This cannot be dealt with in that way here. Please choose again.")
PHONE = N_("Please check your phone number: it should look like 030 123456.")
PHONE_NEEDED = N_("Please enter the phone number at which we can call you.")
BIRTH_DATE = N_("Please write the date of birth like this: 31.12.1980.")
INTERPRETER = N_("Please choose a language from the list.")


@dataclass(frozen=True)
class Wish:
    """The appointment somebody is about to book, as far as it is known; it travels through the pages' forms."""

    office: str = ""
    concern: str = ""
    also: str = ""  # further concerns, with blanks between them
    day: str = ""
    start: str = ""
    kind: str = ""
    phone: str = ""
    name: str = ""
    email: str = ""
    birth_date: str = ""  # as it was typed
    interpreter: str = ""
    needs: str = ""  # with blanks between them
    key: str = ""
    held: str = ""  # until when the time is held (ISO), as booking has said

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Wish":
        """Read it from a form or a query; gaps around what was typed do not count."""
        return cls(**{field.name: values.get(field.name, "").strip() for field in fields(cls)})

    def with_new_key(self) -> "Wish":
        """Make it another booking than the one before."""
        return replace(self, key=str(uuid4()))

    def with_key(self) -> "Wish":
        """Let a form that was sent have a key: its own if it is one of ours, as it stands in a header, or a new one."""
        return self if self.has_key else self.with_new_key()

    @property
    def has_key(self) -> bool:
        """Whether the key is one that we have made."""
        try:
            return str(UUID(self.key)) == self.key
        except ValueError:
            return False

    @property
    def further(self) -> list[str]:
        """The further concerns, each once."""
        return [one for one in dict.fromkeys(self.also.split()) if one != self.concern]

    @property
    def has_details(self) -> bool:
        """Whether the person has told anything of themselves."""
        return any(self.fields(*PERSON).values())

    def fields(self, *names: str) -> dict[str, str]:
        """Return the named fields."""
        return {name: value for name, value in asdict(self).items() if name in names}


def check_wish(wish: Wish, place: Place, language: str) -> tuple[AppointmentRequest | None, list[Problem]]:
    """Return the request for booking, or what the person has to put right first, in the order of the page."""
    kind = wish.kind or place.usual_kind
    by_phone = kind == "phone" and kind in place.kinds
    born = read_birth_date(wish.birth_date)
    values = {
        "office": wish.office,
        "concern": wish.concern,
        "also": place.also,
        "start": wish.start,
        "language": language,
        "kind": kind if kind in place.kinds else place.usual_kind,
        "phone": wish.phone if by_phone else "",  # typed before they chose otherwise: nobody needs it
        "name": wish.name,
        "email": wish.email,
        "birth_date": born,
        "interpreter": wish.interpreter,
        "needs": [need for need in NEEDS if need in wish.needs.split()],
    }
    request, wrong = None, dict[str, str]()
    try:
        request = AppointmentRequest.model_validate(values)
    except ValidationError as error:
        wrong = {str(found["loc"][0]): found["type"] for found in error.errors()}
    told = {
        "kind-1": kind not in place.kinds and KIND,
        "phone": (by_phone and not wish.phone and PHONE_NEEDED) or ("phone" in wrong and PHONE),
        "name": "name" in wrong and name_problem(wrong["name"]),
        "email": ("email" in wrong and (EMAIL_TO_CHECK if place.needs_email else EMAIL))
        or (place.needs_email and not wish.email and EMAIL_NEEDED),
        "birth_date": bool(wish.birth_date) and born is None and BIRTH_DATE,
        "interpreter": wish.interpreter not in ("", *INTERPRETERS) and INTERPRETER,
    }
    problems = [Problem(field, translate(language, text)) for field, text in told.items() if text]
    return (None if problems else request), problems


def name_problem(kind: str) -> str:
    """Return what is wrong with a name that was refused."""
    return _NAME.get(kind, _NO_NAME)


def list_interpreters(language: str) -> list[tuple[str, str]]:
    """Return the languages of interpreters in the order of their names: code and name."""
    names = Locale.parse(languages.locale(language)).languages
    return sorted(((code, names[code]) for code in INTERPRETERS), key=lambda one: one[1].casefold())


def read_birth_date(text: str) -> date | None:
    """Return the date somebody typed, day first or as a browser fills it in; `None` when it is none."""
    if found := re.fullmatch(r"(\d{1,2})[./ -]+(\d{1,2})[./ -]+(\d{4})", text):
        day, month, year = found.groups()
    elif found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
        year, month, day = found.groups()
    else:
        return None
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return born if EARLIEST_BIRTH <= born <= clock.now().date() else None
