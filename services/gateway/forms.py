"""Reads forms and checks what people typed; what is wrong is told in their language, at the field."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Request
from pydantic import TypeAdapter, ValidationError
from python_multipart.multipart import parse_options_header

from services.gateway import csrf
from services.gateway.render import N_, Problem, translate
from shared.api import AppointmentRequest, Start
from shared.errors import BadRequest

Form = Mapping[str, str]
_START: TypeAdapter[datetime] = TypeAdapter(Start)


async def get_form(request: Request) -> Form:
    """Return a form's text fields. They are kept, so that an error page can offer to send them again.

    Raises `BadRequest` for a form in another encoding than UTF-8, which is what our pages are in.
    """
    _, options = parse_options_header(request.headers.get("content-type", ""))
    if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise BadRequest("Please send the form in UTF-8.")
    found = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    request.state.form = found
    return found


CurrentForm = Annotated[Form, Depends(get_form)]

FORGED = N_("For your safety, please press the button once more. Your browser must accept cookies for this.")
_NAME = {
    "missing": N_("Please enter your name."),
    "string_too_short": N_("Please enter your name."),
    "string_too_long": N_("Your name can have up to 200 characters here. Please shorten it."),
}
_NO_NAME = N_("Please write only your name, without links or special characters.")
EMAIL = N_("Please check your e-mail address: it should look like name@example.org. You can also leave it out.")


@dataclass(frozen=True)
class Wish:
    """The appointment somebody is about to book, as far as it is known; it travels through the pages' forms."""

    office: str = ""
    concern: str = ""
    day: str = ""
    start: str = ""
    name: str = ""
    email: str = ""
    key: str = ""
    held: str = ""  # until when the time is held (ISO), as booking has said

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Wish":
        """Read it from a form or a query; gaps around what was typed do not count."""
        return cls(**{field.name: values.get(field.name, "").strip() for field in fields(cls)})

    def with_new_key(self) -> "Wish":
        """Make it another booking than the one before."""
        return replace(self, key=str(uuid4()))

    @property
    def has_details(self) -> bool:
        """Whether the person has told who they are."""
        return bool(self.name or self.email)

    def fields(self, *names: str) -> dict[str, str]:
        """Return the named fields."""
        return {name: value for name, value in asdict(self).items() if name in names}


def read_start(text: str) -> datetime | None:
    """Return the time somebody chose; `None` when it is none."""
    try:
        return _START.validate_python(text)
    except ValidationError:
        return None


def check_wish(wish: Wish, language: str) -> tuple[AppointmentRequest | None, list[Problem]]:
    """Return the request for booking, or what the person has to put right first."""
    values = {"office": wish.office, "concern": wish.concern, "start": wish.start, "language": language}
    try:
        return AppointmentRequest.model_validate(values | {"name": wish.name, "email": wish.email}), []
    except ValidationError as error:
        kinds = {str(found["loc"][0]): found["type"] for found in error.errors()}
    problems = []
    if "name" in kinds:
        problems.append(Problem("name", translate(language, _NAME.get(kinds["name"], _NO_NAME))))
    if "email" in kinds:
        problems.append(Problem("email", translate(language, EMAIL)))
    return None, problems


def check_genuine(request: Request, form: Form, language: str) -> list[Problem]:
    """Return the problem with a form that may not have come from our page; the page is shown again, all kept."""
    if csrf.is_genuine(request, form.get(csrf.FIELD, "")):
        return []
    return [Problem("send", translate(language, FORGED))]
