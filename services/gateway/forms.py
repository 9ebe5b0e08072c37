"""Reads forms and queries as text by field, and tells whether a form came from a page of ours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import TypeAdapter, ValidationError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import ImmutableMultiDict

from services.gateway import csrf
from services.gateway.render import N_, Problem, translate
from shared.api import Start
from shared.errors import BadRequest

Form = Mapping[str, str]
_START: TypeAdapter[datetime] = TypeAdapter(Start)
# Fields of several codes: checkboxes, or one hidden field with blanks between them.
SEVERAL = ("also", "needs", "roles", "offices", "items")


async def get_form(request: Request) -> Form:
    """Return a form's text fields. They are kept, so that an error page can offer to send them again.

    Raises `BadRequest` for a form in another encoding than UTF-8, which is what our pages are in.
    """
    _, options = parse_options_header(request.headers.get("content-type", ""))
    if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise BadRequest("Please send the form in UTF-8.")
    found = flat(await request.form())
    request.state.form = found
    return found


def flat(values: ImmutableMultiDict[str, Any]) -> dict[str, str]:
    """Return one text for each field: several codes with blanks between them, of anything else the last."""
    texts = {name: [text for text in values.getlist(name) if isinstance(text, str)] for name in values}
    return {name: (" ".join(all_) if name in SEVERAL else all_[-1]) for name, all_ in texts.items() if all_}


CurrentForm = Annotated[Form, Depends(get_form)]

FORGED = N_("For your safety, please press the button once more. Your browser must accept cookies for this.")


def read_start(text: str) -> datetime | None:
    """Return the time somebody chose; `None` when it is none."""
    try:
        return _START.validate_python(text)
    except ValidationError:
        return None


def check_genuine(request: Request, form: Form, language: str) -> list[Problem]:
    """Return the problem with a form that may not have come from our page; the page is shown again, all kept."""
    if csrf.is_genuine(request, form.get(csrf.FIELD, "")):
        return []
    return [Problem("send", translate(language, FORGED))]
