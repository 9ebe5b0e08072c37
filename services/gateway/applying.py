"""The application somebody is about to send, and what they have to put right first, told in their language."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError

from services.gateway.render import N_, Problem, translate
from services.gateway.wishes import BIRTH_DATE, EMAIL, PHONE, name_problem, read_birth_date
from shared.api_applications import ApplicationRequest

PLACE, PERSON = ("benefit", "office"), ("name", "birth_date", "email", "phone")
CHOOSE_BENEFIT = N_("Please choose what you want to apply for.")
CHOOSE_OFFICE = N_("Please choose an office.")
BIRTH_DATE_MISSING = N_("Please enter your date of birth.")


@dataclass(frozen=True)
class Plan:
    """An application that is not sent, as far as it is known; it travels through the pages' forms."""

    benefit: str = ""
    office: str = ""
    name: str = ""
    birth_date: str = ""  # as it was typed
    email: str = ""
    phone: str = ""
    key: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Plan":
        """Read it from a form or a query; gaps around what was typed do not count."""
        return cls(**{field.name: values.get(field.name, "").strip() for field in fields(cls)})

    def with_key(self) -> "Plan":
        """Let it have a key: its own if it is one of ours, as it stands in a header, or a new one."""
        try:
            ours = str(UUID(self.key)) == self.key
        except ValueError:
            ours = False
        return self if ours else replace(self, key=str(uuid4()))

    @property
    def has_details(self) -> bool:
        """Whether the person has told anything of themselves."""
        return any(self.fields(*PERSON).values())

    def fields(self, *names: str) -> dict[str, str]:
        """Return the named fields."""
        return {name: value for name, value in asdict(self).items() if name in names}


def check_place(
    plan: Plan, benefits: Sequence[Mapping[str, Any]], offices: Sequence[Mapping[str, Any]], language: str
) -> list[Problem]:
    """Return what has still to be chosen."""
    told = {
        "benefit-1": plan.benefit not in [one["id"] for one in benefits] and CHOOSE_BENEFIT,
        "office-1": plan.office not in [one["id"] for one in offices] and CHOOSE_OFFICE,
    }
    return [Problem(field, translate(language, text)) for field, text in told.items() if text]


def check_plan(plan: Plan, language: str) -> tuple[ApplicationRequest | None, list[Problem]]:
    """Return the request for applications, or what the person has to put right first, in the order of the page."""
    born, wrong = read_birth_date(plan.birth_date), dict[str, str]()
    request = None
    try:
        values = plan.fields(*PLACE, *PERSON) | {"language": language}
        request = ApplicationRequest.model_validate(values | {"birth_date": born})
    except ValidationError as error:
        wrong = {str(found["loc"][0]): found["type"] for found in error.errors()}
    told = {
        "name": "name" in wrong and name_problem(wrong["name"]),
        "birth_date": born is None and (BIRTH_DATE if plan.birth_date else BIRTH_DATE_MISSING),
        "email": "email" in wrong and EMAIL,
        "phone": "phone" in wrong and PHONE,
    }
    problems = [Problem(field, translate(language, text)) for field, text in told.items() if text]
    return (None if problems else request), problems
