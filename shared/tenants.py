"""Tenants: one file each, mounted read-only into every service. A host name names the tenant."""

import re
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, StringConstraints, ValidationError

from shared.errors import NotFound

HostName = Annotated[str, StringConstraints(to_lower=True, min_length=1)]
_HOST = re.compile(r"(\[[^]]*]|[^:]*)(:[0-9]{1,5})?")  # of a `Host` header: name and port
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$", to_lower=True)]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; it should be like Europe/Berlin") from error
    return name


class UnknownHost(NotFound):
    """No tenant has this host name."""


class Sender(BaseModel):
    """From whom messages come."""

    name: str
    address: str


class Links(BaseModel):
    """Pages of the authority's own website that the law wants linked on every page; left out: not shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    imprint: HttpUrl | None = None
    privacy: HttpUrl | None = None
    accessibility: HttpUrl | None = None


class Look(BaseModel):
    """What tells a Jobcenter's pages from another's."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    colour: Colour | None = None
    colour_dark: Colour | None = Field(None, description="The same for people who prefer a dark screen.")
    official_bar: bool = Field(default=False, description="Only with the permission to call the website official.")


class Tenant(BaseModel):
    """One Jobcenter. What its file says beyond this is read by the service that seeds from it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")
    hosts: list[HostName] = Field(min_length=1)
    name: str
    land: str = Field(pattern=r"^[A-Z]{2}$")
    zone: Annotated[str, AfterValidator(_known_zone)]
    languages: list[str] = Field(min_length=1)
    sender: Sender
    phone: str = Field("", description="For people whom these pages do not help.")
    links: Links = Links()
    look: Look = Look()


class Tenants:
    """All tenants of this installation."""

    def __init__(self, tenants: list[Tenant]) -> None:
        self.by_id = {tenant.id: tenant for tenant in tenants}
        self._by_host: dict[str, Tenant] = {}
        for tenant in tenants:
            for host in tenant.hosts:
                if host in self._by_host:
                    raise ValueError(f"host {host} belongs to {self._by_host[host].id} and to {tenant.id}")
                self._by_host[host] = tenant

    def of_host(self, host: str) -> Tenant:
        """Return the tenant of a `Host` header (its port does not matter); raise `UnknownHost`."""
        read = _HOST.fullmatch(host)
        found = self._by_host.get(read[1].lower().removesuffix(".")) if read else None
        if found is None:
            raise UnknownHost("No Jobcenter is served under this host name.")
        return found


def load(directory: Path) -> Tenants:
    """Read all tenant files of a folder; raise `ValueError` that names the faulty file and its fields."""
    files = sorted(directory.glob("*.yml"))
    if not files:
        raise ValueError(f"no tenant file (*.yml) in {directory}; set TENANTS_DIR")
    return Tenants([_tenant(file) for file in files])


def read(file: Path) -> object:
    """Return what a tenant file says, unchecked."""
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} is not YAML: {error}") from error


def _tenant(file: Path) -> Tenant:
    try:
        tenant = Tenant.model_validate(read(file))
    except ValidationError as error:
        raise ValueError(f"{file}: {error}") from error
    if tenant.id != file.stem:
        raise ValueError(f"{file} holds tenant {tenant.id}: it must be called {tenant.id}.yml")
    return tenant
