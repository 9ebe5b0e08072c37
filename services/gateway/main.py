"""The gateway, put together."""

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from services.gateway import api, api_applications, api_uploads, assets, branding, demo, jobs, pages
from services.gateway.headers import HeadAsGet, SecurityHeaders
from services.gateway.phones import Phones
from services.gateway.proof import Proof
from services.gateway.providers import Providers
from services.gateway.rush import WaitingRoom
from services.gateway.settings import GatewaySettings
from services.gateway.signing_in import SigningIn
from services.gateway.slips import Slips
from services.gateway.switches import Switches
from services.gateway.throttle import Throttle
from services.gateway.uploading import MOST_FORM_BYTES
from services.gateway.vault import Vault
from services.gateway.ways import Ways
from shared.service import Service, create_app


def create(settings: GatewaySettings) -> FastAPI:
    """Return the gateway's app."""
    private_key, ways = settings.identity_private_key.get_secret_value(), Ways.of(settings)
    switches, room = Switches(), WaitingRoom(settings.rush_arrivals_per_minute, settings.rush_admitted_per_minute)
    tasks = {"switches": switches.keep_up, **demo.tasks(settings, ways.booking)}
    tasks |= {"waiting-room": room.keep_up} if room.opens else {}
    service = Service(settings, tasks=tasks, jobs=jobs.JOBS)
    branding.check(service.tenants)
    providers = Providers(settings, service.tenants, private_key)
    programs = [api.router, api_applications.router, api_uploads.router]
    routers = [*programs, assets.router, branding.router, *pages.ROUTERS]
    app = create_app(service, routers, [ways.close, providers.close], MOST_FORM_BYTES)
    ways.install(app)
    app.state.signing_in, app.state.providers = SigningIn(service, private_key), providers
    app.state.throttle, app.state.phones = Throttle(), Phones()
    app.state.room, app.state.slips, app.state.switches = room, Slips(private_key), switches
    app.state.proof = Proof(app.state.slips.key, settings.rush_proof_hashes)
    app.state.clients = Vault(private_key, b"clients")
    pages.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(HeadAsGet)
    return app
