"""Settings of the gateway."""

from pydantic import Field, SecretStr, field_validator

from shared.identity import STAFF_ROLES
from shared.settings import Settings


class GatewaySettings(Settings):
    """What the gateway needs to know beyond what every service does."""

    service = "gateway"
    identity_private_key: SecretStr = Field(
        description="Key (Ed25519, PKCS#8 PEM) that signs who asks; for the gateway alone. The services get its public "
        "half as `IDENTITY_PUBLIC_KEYS`."
    )
    booking_url: str = Field("http://127.0.0.1:8001", description="Where the gateway reaches booking.")
    applications_url: str = Field("http://127.0.0.1:8002", description="Where the gateway reaches applications.")
    statistics_url: str = Field("http://127.0.0.1:8005", description="Where the gateway reaches statistics.")
    backend_timeout_seconds: float = Field(10, description="A service that takes longer counts as away.")
    backend_connections: int = Field(100, description="Most connections to one service.")
    upload_connections: int = Field(
        200,
        ge=1,
        description="Most files on their way through one gateway at a time; nothing else waits for them.",
    )
    upload_idle_seconds: float = Field(
        20, gt=0, description="A client that sends nothing of a file for so long is given up; it can go on."
    )
    rush_arrivals_per_minute: int = Field(
        600,
        ge=0,
        description="When more people than this begin to book within a minute, counted by one gateway process for one "
        "tenant, its waiting room opens; 0: never.",
    )
    rush_admitted_per_minute: int = Field(
        600, ge=1, description="So many people a minute come in from a tenant's waiting room, over all gateways."
    )
    rush_proof_hashes: int = Field(
        1_000_000,
        ge=2,
        le=2**32,
        description="Proof of work: the most hashes that a device computes while its owner waits; a million take a "
        "slow phone about 1.3 s.",
    )
    staff_idle_minutes: int = Field(
        30, ge=1, description="Who of the staff does nothing for so long has to sign in again."
    )
    staff_totp_roles: str = Field(
        "admin,manager",
        description="Roles, comma separated, whose local accounts need a second factor (codes of an app) to sign in.",
    )
    oidc_client_secret: SecretStr = Field(
        SecretStr(""),
        description="The gateway's secret at the OpenID provider of each tenant that has `staff_oidc` in its file: a "
        "line `tenant=secret` for each.",
    )
    audit_retention_days: int = Field(
        365, ge=1, description="So long it is kept who of the staff did what; the same setting for every service."
    )
    demo_logins: bool = Field(
        default=False,
        description="Accounts that everybody knows, to try things out; for the embedded start alone, and refused "
        "unless `HOST` is an address of this machine only.",
    )
    embedded: bool = Field(
        default=False, description="That this is the embedded start, which sets it; nobody else does."
    )

    @field_validator("staff_totp_roles")
    @classmethod
    def _known_roles(cls, value: str) -> str:
        """A role that is mistyped would need no second factor."""
        if unknown := sorted({role.strip() for role in value.split(",")} - STAFF_ROLES - {""}):
            raise ValueError(f"there is no role {', '.join(unknown)}; there are {', '.join(sorted(STAFF_ROLES))}")
        return value
