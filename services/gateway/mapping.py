"""What a tenant's file says of its OpenID provider, and which account follows from what the provider says. Pure but
for reading the files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from services.gateway import accounts
from services.gateway.render import N_
from shared import tenants
from shared.errors import Forbidden
from shared.settings import BadSetting

Claims = Mapping[str, Any]
Role = Literal["clerk", "manager", "placement", "council", "admin"]

NO_ROLE = N_(
    "Your sign-in service knows you, but gives you no role here. Please ask whoever manages accounts in your house."
)
NO_NAME = N_("Your sign-in service did not say what your account is called. Please ask whoever looks after it.")
NAME_TAKEN = N_("There is already another account of the name %(login)s. Please ask whoever manages accounts.")
DISABLED = N_("Your account is disabled. Please ask whoever manages accounts.")


class SignInRefused(Forbidden):
    """The provider's answer lets nobody in; `detail` is a sentence to translate, with `extra` in it."""


class ProviderFile(BaseModel):
    """`staff_oidc` in a tenant's file. A claim may lie deeper: `realm_access.roles`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    issuer: str
    client_id: str
    scope: str = "openid profile"
    login_claim: str = "preferred_username"
    name_claim: str = "name"
    roles_claim: str
    roles: dict[str, list[Role]] = Field(min_length=1, description="From what the claim says to our roles.")
    offices_claim: str = Field("", description="Empty: all offices.")
    offices: dict[str, list[str]] = Field({}, description="From what the claim says to offices; empty: it names them.")

    @field_validator("issuer")
    @classmethod
    def _safe(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
            raise ValueError("must begin with https://")
        return value


@dataclass(frozen=True)
class Person:
    """Who somebody is, as the provider says. `offices`: `None` means all."""

    subject: str
    login: str
    name: str
    roles: Sequence[str]
    offices: Sequence[str] | None


def person_of(file: ProviderFile, claims: Claims) -> Person:
    """Return who signs in; raise `SignInRefused`."""
    said = _texts(_at(claims, file.roles_claim))
    roles = {role for value in said for role in file.roles.get(value, [])}
    if not roles:
        raise SignInRefused(NO_ROLE)
    login = accounts.normal(str(_at(claims, file.login_claim) or ""))
    if not accounts.LOGIN.fullmatch(login):
        raise SignInRefused(NO_NAME)
    offices = None
    if file.offices_claim:
        named = _texts(_at(claims, file.offices_claim))
        offices = [office for value in named for office in file.offices.get(value, [])] if file.offices else named
    name = "".join(letter for letter in str(_at(claims, file.name_claim) or login) if letter.isprintable())[:200]
    ordered = [role for role in accounts.ROLES if role in roles]
    return Person(f"{file.issuer} {claims['sub']}", login, name, ordered, offices)


def read_files(directory: Path, known: tenants.Tenants) -> dict[str, ProviderFile]:
    """Return the providers by tenant; raise `BadSetting` that names the faulty file and its fields."""
    found = {}
    for tenant in known.by_id:
        said: Any = tenants.read(directory / f"{tenant}.yml")
        if "staff_oidc" in said:
            try:
                found[tenant] = ProviderFile.model_validate(said["staff_oidc"])
            except ValidationError as error:
                wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
                raise BadSetting(f"{tenant}.yml, staff_oidc: {wrong}.") from error
    return found


def read_secrets(text: str) -> dict[str, str]:
    """Return the secrets by tenant; raise `BadSetting`."""
    lines = [line.strip().partition("=") for line in text.splitlines() if line.strip()]
    if any(not (tenant.strip() and secret.strip()) for tenant, _, secret in lines):
        raise BadSetting("OIDC_CLIENT_SECRET must hold lines of the form tenant=secret.")
    return {tenant.strip(): secret.strip() for tenant, _, secret in lines}


def _at(claims: Claims, path: str) -> Any:  # noqa: ANN401  JSON
    found: Any = claims.get(path)
    if found is not None:
        return found
    found = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _texts(value: Any) -> list[str]:  # noqa: ANN401  JSON
    if isinstance(value, str):
        return [value]  # whole: names of groups and offices have blanks
    return [str(one) for one in value] if isinstance(value, Sequence) else []
