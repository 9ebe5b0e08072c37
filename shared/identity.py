"""Who asks, inside the system: the gateway signs it into a short-lived token, every service verifies it itself.

A JWT signed with Ed25519. Only the gateway holds the private key, so whoever breaks into a service cannot make a
token; each token is for one service (`aud`), so a service cannot use at another what it was sent.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeVar

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidKeyIdError
from joserfc.jwk import KeySet, OKPKey
from pydantic import BaseModel, ConfigDict

from shared import clock
from shared.errors import Forbidden, Unauthenticated
from shared.settings import BadSetting

HEADER = "X-Identity"  # `Authorization` carries an appointment's code
ISSUER = "gateway"
ALGORITHM: Final = "Ed25519"
REUSE_SECONDS, LIFETIME_SECONDS = 60, 120
# What a member of staff may do, by role, within their offices. Each service checks it itself.
PERMISSIONS: Final[Mapping[str, frozenset[str]]] = {
    "desk": frozenset({"clerk", "manager", "placement"}),  # appointments and the queue
    "application": frozenset({"clerk", "manager"}),
    "erasure": frozenset({"manager"}),  # of a person, at once
    "plan": frozenset({"manager"}),  # opening plans, days that close
    "switch": frozenset({"manager", "admin"}),
    "switch-all": frozenset({"admin"}),  # for the whole tenant
    "device": frozenset({"manager", "admin"}),  # kiosks and displays
    "account": frozenset({"admin"}),
    "audit": frozenset({"manager", "admin"}),
    "figures": frozenset({"clerk", "manager", "placement", "council", "admin"}),
}
STAFF_ROLES = PERMISSIONS["figures"]
LEEWAY_SECONDS = 10  # clocks differ; a reused token has a minute left besides
MOST_REMEMBERED = 10_000  # about 10 MB; more only cost a signature each

_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)

K = TypeVar("K")
V = TypeVar("V")


class IdentityMissing(Unauthenticated):
    """The request does not say who asks."""


class IdentityRefused(Unauthenticated):
    """What the request says about who asks cannot be believed."""


class StaffOnly(Forbidden):
    """Only members of staff may do this."""


class Identity(BaseModel):
    """Who asks, for which tenant. Offices are those a member of staff works for."""

    model_config = ConfigDict(frozen=True)
    subject: str
    roles: tuple[str, ...]
    offices: tuple[str, ...]
    tenant: str

    @property
    def is_staff(self) -> bool:
        """Whether this is a member of the tenant's staff."""
        return not STAFF_ROLES.isdisjoint(self.roles)

    def may(self, permission: str, office: str | None = None) -> bool:
        """Whether a role allows it, and the office, if one is named, is their own."""
        return not PERMISSIONS[permission].isdisjoint(self.roles) and (office is None or office in self.offices)


def citizen(tenant: str) -> Identity:
    """Return the identity of everybody who is not signed in."""
    return Identity(subject="citizen", roles=("citizen",), offices=(), tenant=tenant)


class Signer:
    """Makes tokens: the gateway's half."""

    def __init__(self, private_key: str) -> None:
        """Take the key as PKCS#8 PEM; raise `BadSetting` when it is none."""
        self._key = _read_key(private_key, "IDENTITY_PRIVATE_KEY", private=True)
        self._header = {"alg": ALGORITHM, "kid": self._key.thumbprint()}
        self._made: dict[tuple[Identity, str], tuple[str, float]] = {}

    def sign(self, identity: Identity, audience: str) -> str:
        """Return a token for one service, the same for up to a minute."""
        now = clock.now().timestamp()
        token, made_at = self._made.get((identity, audience), ("", 0.0))
        if not 0 <= now - made_at < REUSE_SECONDS:
            token = self._new(identity, audience, int(now))
            _remember(self._made, (identity, audience), (token, now))
        return token

    def _new(self, identity: Identity, audience: str, now: int) -> str:
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "exp": now + LIFETIME_SECONDS,
            "sub": identity.subject,
            "roles": identity.roles,
            "offices": identity.offices,
            "tenant": identity.tenant,
        }
        return jwt.encode(self._header, claims, self._key, [ALGORITHM])


class Verifier:
    """Checks tokens: a service's half."""

    def __init__(self, public_keys: str, audience: str) -> None:
        """Take one or more keys as PEM, one after the other; raise `BadSetting` when there is none."""
        blocks = _PEM.findall(public_keys)
        if not blocks or _PEM.sub("", public_keys).strip():
            raise BadSetting("IDENTITY_PUBLIC_KEYS must hold the gateway's public key as PEM, or several in a row.")
        self._keys = KeySet([_read_key(block, "IDENTITY_PUBLIC_KEYS", private=False) for block in blocks])
        self._rules = jwt.JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        )
        self._verified: dict[str, tuple[Identity, float]] = {}

    def verify(self, token: str) -> Identity:
        """Return who asks; raise `IdentityMissing` or `IdentityRefused`."""
        if not token:
            raise IdentityMissing("The request does not say who asks: only the gateway may ask this service.")
        known = self._verified.get(token)
        if known is not None and clock.now().timestamp() < known[1]:
            return known[0]
        known = self._check(token)
        _remember(self._verified, token, known)
        return known[0]

    def _check(self, token: str) -> tuple[Identity, float]:
        """Return who asks, and until when that may be believed."""
        try:
            claims = jwt.decode(token, self._keys, [ALGORITHM]).claims
            self._rules.validate(claims)
            identity = Identity.model_validate(claims | {"subject": claims.get("sub")})
            return identity, claims["exp"] + LEEWAY_SECONDS
        except ExpiredTokenError:
            reason = "The request's token has expired. The clocks of gateway and service may differ."
        except InvalidKeyIdError:
            reason = "The request's token is signed with a key that is not among IDENTITY_PUBLIC_KEYS."
        except Exception:  # a header that is no object makes joserfc raise AttributeError, and there are more such
            reason = "The request's token is none that the gateway signed for this service."
        raise IdentityRefused(reason)


def new_private_key() -> str:
    """Return a new key as PKCS#8 PEM, for the embedded start and for tests."""
    return OKPKey.generate_key(ALGORITHM).as_pem(private=True).decode()


def public_half(private_key: str) -> str:
    """Return the public key, as PEM, that belongs to a private one."""
    return _read_key(private_key, "IDENTITY_PRIVATE_KEY", private=True).as_pem(private=False).decode()


def _read_key(pem: str, setting: str, *, private: bool) -> OKPKey:
    try:
        key = OKPKey.import_key(pem)
        usable = (key.curve_name, key.is_private) == (ALGORITHM, private)
    except Exception:  # cryptography has a dozen errors for what is no key, or one with a password
        usable = False
    if not usable:
        kind = "private key (PKCS#8 PEM, without a password)" if private else "public key (PEM)"
        raise BadSetting(f"{setting} is no Ed25519 {kind}.")
    return key


def _remember(memory: dict[K, V], key: K, value: V) -> None:
    """Keep a value; when there are too many, forget the oldest."""
    memory.pop(key, None)
    if len(memory) >= MOST_REMEMBERED:
        del memory[next(iter(memory))]
    memory[key] = value
