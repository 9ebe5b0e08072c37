"""What can be applied for and where: the part of the tenants' files that applications reads.

An id says nothing and stays; a benefit's name changes by law, so each has a day from which it holds. An application
shows the name that held when it came in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.applications import domain
from services.applications.imports import Imports
from shared import tenants
from shared.contracts.applications import State
from shared.contracts.values import Address, Paper
from shared.contracts.values import Office as OfficeTold

Texts = dict[str, Annotated[str, Field(min_length=1)]]  # by language
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Days = Annotated[int, Field(ge=1, le=366)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NameFrom(_Read):
    """What a benefit is called from a day on."""

    valid_from: date
    name: Texts


class ItemKind(_Read):
    """A paper that an application needs, always or when the office asks for it."""

    id: Id
    name: Texts  # the official German name is that of `de`
    help: Texts
    black_out: Texts = {}
    picture: str = Field("", pattern=r"^[a-z0-9-]{0,40}$")
    needed: Literal["always", "maybe"] = "always"

    @property
    def paper(self) -> Paper:
        """Return it as events name it."""
        return Paper(id=self.id, name=self.name)


class Benefit(_Read):
    """What can be applied for."""

    id: str = Field(pattern=r"^[a-z][0-9]{1,3}$", description="Says nothing: it stands in addresses and events.")
    names: list[NameFrom] = Field(min_length=1)
    due_days: dict[State, Days]
    items: list[ItemKind] = Field(min_length=1, max_length=40)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if missing := set(domain.STATES) - domain.ENDED - self.due_days.keys():
            raise ValueError(f"due_days lacks {', '.join(sorted(missing))}")
        if len({item.id for item in self.items}) != len(self.items):
            raise ValueError("two items have the same id")
        if [one.valid_from for one in self.names] != sorted({one.valid_from for one in self.names}):
            raise ValueError("names must be in the order of valid_from, each day once")
        return self

    def name_on(self, day: date) -> Texts:
        """Return what it is called on a day; before all names, the first."""
        return next((one.name for one in reversed(self.names) if one.valid_from <= day), self.names[0].name)

    def item(self, item_id: str) -> ItemKind | None:
        """Return a paper by its id."""
        return next((item for item in self.items if item.id == item_id), None)


class Office(BaseModel):
    """Where an application can be made; all else of an office belongs to others."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: Id
    name: str
    address: Address
    phone: str = ""


class TenantPart(tenants.Tenant):
    """The part of a tenant's file that applications reads."""

    offices: list[Office] = Field(min_length=1)
    benefits: list[Benefit] = Field(default_factory=list)
    imports: Imports = Imports()

    @model_validator(mode="after")
    def _in_all_languages(self) -> Self:
        if len({benefit.id for benefit in self.benefits}) != len(self.benefits):
            raise ValueError("two benefits have the same id")
        for where, texts in self._texts():
            if missing := [language for language in {*self.languages, "de"} if language not in texts]:
                raise ValueError(f"{where} has no text in {', '.join(sorted(missing))}")
        return self

    def _texts(self) -> list[tuple[str, Mapping[str, str]]]:
        found: list[tuple[str, Mapping[str, str]]] = []
        for benefit in self.benefits:
            found += [(f"benefits {benefit.id}, name from {one.valid_from}", one.name) for one in benefit.names]
            for item in benefit.items:
                own = {"name": item.name, "help": item.help} | ({"black_out": item.black_out} if item.black_out else {})
                found += [(f"benefits {benefit.id}, item {item.id}, {field}", texts) for field, texts in own.items()]
        return found


@dataclass(frozen=True)
class Offer:
    """What one tenant offers."""

    zone: ZoneInfo
    offices: Mapping[str, OfficeTold]
    benefits: Mapping[str, Benefit]
    imports: Imports = field(default_factory=Imports)

    def benefit(self, benefit_id: str) -> Benefit:
        """Return a benefit; raise `UnknownBenefit`."""
        if benefit_id not in self.benefits:
            raise domain.UnknownBenefit("This cannot be applied for here. Please choose from the list.")
        return self.benefits[benefit_id]

    def office(self, office_id: str) -> OfficeTold:
        """Return an office; raise `UnknownOffice`."""
        if office_id not in self.offices:
            raise domain.UnknownOffice("There is no such office.")
        return self.offices[office_id]

    def item(self, benefit_id: str, item_id: str) -> ItemKind | None:
        """Return a paper, if the benefit still has it in its list."""
        benefit = self.benefits.get(benefit_id)
        return benefit.item(item_id) if benefit else None

    def due_days(self, benefit_id: str) -> Mapping[State, int]:
        """Return by state how many days somebody has; none of a benefit that is not offered any more."""
        benefit = self.benefits.get(benefit_id)
        return benefit.due_days if benefit else {}


def load(directory: Path) -> dict[str, Offer]:
    """Return by tenant what each offers; raise `ValueError` that names the faulty file and its field."""
    return {tenant_id: _offer(directory / f"{tenant_id}.yml") for tenant_id in tenants.load(directory).by_id}


def _offer(file: Path) -> Offer:
    try:
        read = TenantPart.model_validate(tenants.read(file))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{file}: {where or 'benefits'}: {first['msg']}") from error
    benefits = {one.id: one for one in read.benefits}
    return Offer(ZoneInfo(read.zone), _offices(read.offices, read.zone), benefits, read.imports)


def _offices(offices: Sequence[Office], zone: str) -> dict[str, OfficeTold]:
    return {
        one.id: OfficeTold(id=one.id, name=one.name, address=one.address, zone=zone, phone=one.phone) for one in offices
    }
