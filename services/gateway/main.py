"""The gateway, put together."""

from functools import partial

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from services.gateway import api, api_applications, api_uploads, assets, branding, demo, jobs, pages
from services.gateway.applications import UsualTimes
from services.gateway.backend import Backend
from services.gateway.displays import Displays
from services.gateway.headers import HeadAsGet, SecurityHeaders
from services.gateway.offers import OfferBook
from services.gateway.phones import Phones
from services.gateway.proof import Proof
from services.gateway.providers import Providers
from services.gateway.remembered import Remembered
from services.gateway.rush import WaitingRoom
from services.gateway.settings import GatewaySettings
from services.gateway.signing_in import SigningIn
from services.gateway.slips import Slips
from services.gateway.switches import Switches
from services.gateway.throttle import Throttle
from services.gateway.uploading import MOST_FORM_BYTES, UploadWay
from services.gateway.vault import Vault
from services.gateway.waiting_times import WaitingTimes
from shared.identity import Signer
from shared.service import Service, create_app


def create(settings: GatewaySettings) -> FastAPI:
    """Return the gateway's app."""
    private_key = settings.identity_private_key.get_secret_value()
    signer = Signer(private_key)
    limits = (settings.backend_timeout_seconds, settings.backend_connections)
    to_booking = Backend("booking", settings.booking_url, signer, *limits)
    to_applications = Backend("applications", settings.applications_url, signer, *limits)
    to_statistics = Backend("statistics", settings.statistics_url, signer, *limits)
    uploads = UploadWay(settings, signer)
    room = WaitingRoom(settings.rush_arrivals_per_minute, settings.rush_admitted_per_minute)
    switches = Switches()
    tasks = {"switches": switches.keep_up, **demo.tasks(settings, to_booking)}
    tasks |= {"waiting-room": room.keep_up} if room.opens else {}
    service = Service(settings, tasks=tasks, jobs=jobs.JOBS)
    branding.check(service.tenants)
    providers = Providers(settings, service.tenants, private_key)
    routers = [
        api.router,
        api_applications.router,
        api_uploads.router,
        assets.router,
        branding.router,
        *pages.ROUTERS,
    ]
    closing = [to_booking.close, to_applications.close, to_statistics.close, uploads.close, providers.close]
    app = create_app(service, routers, closing, MOST_FORM_BYTES)
    app.state.uploads = uploads
    app.state.signing_in, app.state.providers = SigningIn(service, private_key), providers
    app.state.booking, app.state.statistics = to_booking, to_statistics
    app.state.applications, app.state.usual_times = to_applications, UsualTimes(to_statistics)
    app.state.clients = Vault(private_key, b"clients")
    app.state.offers, app.state.throttle = OfferBook(to_booking), Throttle()
    app.state.waiting_times = WaitingTimes(to_booking, to_statistics, app.state.offers)
    app.state.room, app.state.slips, app.state.switches = room, Slips(private_key), switches
    app.state.displays, app.state.phones = Displays(to_booking), Phones()
    app.state.proof = Proof(app.state.slips.key, settings.rush_proof_hashes)
    # Adding figures up is work that nobody should cause at will.
    app.state.figures = Remembered(partial(to_statistics.get, "/appointments"), fresh=10, old=600)
    app.state.booking_figures = Remembered(partial(to_statistics.get, "/booking"), fresh=30, old=600)
    pages.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(HeadAsGet)
    return app
