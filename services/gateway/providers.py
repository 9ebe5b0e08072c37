"""The authority's own sign-in by OpenID Connect (authorization code, PKCE), at the provider a tenant's file names."""

import json
import secrets
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import httpx
import structlog
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.gateway.mapping import Claims, ProviderFile, SignInRefused, read_files, read_secrets
from services.gateway.render import N_
from services.gateway.settings import GatewaySettings
from services.gateway.vault import Vault
from shared import clock
from shared.errors import Unavailable
from shared.settings import BadSetting
from shared.tenants import Tenants

with warnings.catch_warnings(record=True):  # its warning that httpx will not be its client for ever is for nobody's log
    from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
    from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]

log = structlog.get_logger()

LONGEST_SECONDS = 600  # between leaving for the provider and coming back
_REMEMBER_SECONDS = 600  # what the provider says about itself
_LEEWAY_SECONDS = 60
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
# No answer, or JSON of another form.
_AWAY = (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError)
NOT_BELIEVED = N_("The answer of your sign-in service could not be checked. Please try again.")
NOT_COMPLETED = N_("Your sign-in service did not sign you in. Please try again.")


class ProviderAway(Unavailable):
    """The provider does not answer, or not as one."""


@dataclass(frozen=True)
class Trip:
    """What the browser keeps, sealed, while it is at the provider."""

    tenant: str
    language: str
    to: str
    state: str
    nonce: str
    verifier: str
    begun_at: float

    @classmethod
    def begin(cls, tenant: str, language: str, to: str) -> Self:
        """Make one with values that nobody can guess."""
        secret = (secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
        return cls(tenant, language, to, *secret, clock.now().timestamp())


class Providers:
    """The providers of all tenants that have one."""

    def __init__(self, settings: GatewaySettings, tenants: Tenants, private_key: str) -> None:
        """Read the tenants' files; raise `BadSetting` when one cannot be used or its secret is missing."""
        self.of: Mapping[str, ProviderFile] = read_files(settings.tenants_dir, tenants)
        self._secrets = read_secrets(settings.oidc_client_secret.get_secret_value())
        if missing := sorted(self.of.keys() - self._secrets.keys()):
            raise BadSetting(f"OIDC_CLIENT_SECRET must hold a line tenant=secret for: {', '.join(missing)}.")
        self._vault = Vault(private_key, b"provider")
        timeout = settings.backend_timeout_seconds
        self._timeout = timeout
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=False)
        self._documents: dict[str, tuple[dict[str, Any], float]] = {}

    def seal(self, trip: Trip) -> str:
        """Return a trip as text for a cookie."""
        return self._vault.seal(json.dumps(asdict(trip)).encode()).hex()

    def unseal(self, text: str) -> Trip | None:
        """Return the trip again; `None` when it is none of ours or took too long."""
        try:
            opened = self._vault.open(bytes.fromhex(text))
        except ValueError:
            return None
        trip = Trip(**json.loads(opened)) if opened else None
        return trip if trip and clock.now().timestamp() - trip.begun_at < LONGEST_SECONDS else None

    async def address(self, trip: Trip, back: str) -> str:
        """Return where the browser is sent; raise `ProviderAway`. `back`: where the provider sends it then."""
        found = await self._discover(trip.tenant)
        async with self._oauth(trip.tenant, back) as oauth:
            url, _ = oauth.create_authorization_url(
                found["authorization_endpoint"], state=trip.state, nonce=trip.nonce, code_verifier=trip.verifier
            )
        return str(url)

    async def claims(self, trip: Trip, code: str, back: str) -> Claims:
        """Return what the provider says of who came back; raise `ProviderAway`, `SignInRefused`."""
        found = await self._discover(trip.tenant)
        try:
            async with self._oauth(trip.tenant, back) as oauth:
                token = await oauth.fetch_token(found["token_endpoint"], code=code, code_verifier=trip.verifier)
                claims = await self._check(trip, str(token.get("id_token", "")), token["access_token"], found)
                if "userinfo_endpoint" in found:
                    more = (await oauth.get(found["userinfo_endpoint"])).raise_for_status().json()
                    if more.get("sub") != claims["sub"]:
                        raise SignInRefused(NOT_BELIEVED)
                    claims = {**more, **claims}
        except _AWAY as error:
            raise self._away(trip.tenant, error) from error
        except OAuthError as error:  # a code that was used before, or a secret that is wrong
            log.warning("the OpenID provider refuses", tenant=trip.tenant, error=error.error)
            raise SignInRefused(NOT_COMPLETED) from error
        return claims

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _oauth(self, tenant: str, back: str) -> AsyncOAuth2Client:
        file = self.of[tenant]
        return AsyncOAuth2Client(
            file.client_id, self._secrets[tenant], scope=file.scope, redirect_uri=back, code_challenge_method="S256",
            timeout=self._timeout, trust_env=False,
        )  # fmt: skip

    async def _check(self, trip: Trip, id_token: str, access_token: str, found: Mapping[str, Any]) -> Claims:
        for fresh in (False, True):  # the provider may have changed its keys since we asked
            keys = await self._document(found["jwks_uri"], fresh=fresh)
            try:
                decoded = jwt.decode(id_token, KeySet.import_key_set(keys), _ALGORITHMS)  # type: ignore[arg-type]
                file = self.of[trip.tenant]
                expected = {"iss": file.issuer, "aud": file.client_id}
                options = {name: {"essential": True, "value": value} for name, value in expected.items()}
                params = {"nonce": trip.nonce, "client_id": file.client_id, "access_token": access_token}
                claims = CodeIDToken(decoded.claims, decoded.header, options, params)
                claims.validate(int(clock.now().timestamp()), _LEEWAY_SECONDS)
                return dict(claims)
            except (JoseError, ValueError) as error:
                reason = type(error).__name__
        log.warning("an id_token is not believed", tenant=trip.tenant, error=reason)
        raise SignInRefused(NOT_BELIEVED)

    async def _discover(self, tenant: str) -> Mapping[str, Any]:
        issuer = self.of[tenant].issuer
        try:
            found = await self._document(issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found["issuer"] != issuer:
                raise ValueError("another issuer")
        except _AWAY as error:
            raise self._away(tenant, error) from error
        return found

    async def _document(self, url: str, *, fresh: bool = False) -> dict[str, Any]:
        known, read_at = self._documents.get(url, ({}, 0.0))
        now = clock.now().timestamp()
        if fresh or not 0 <= now - read_at < _REMEMBER_SECONDS:
            known = dict((await self._client.get(url)).raise_for_status().json())
            self._documents[url] = known, now
        return known

    def _away(self, tenant: str, error: Exception) -> ProviderAway:
        log.warning("the OpenID provider is away", tenant=tenant, error=type(error).__name__)
        return ProviderAway("The OpenID provider is away at the moment. Please use a local account.")
