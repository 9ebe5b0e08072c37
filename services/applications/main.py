"""The applications service, put together."""

from functools import partial

from fastapi import FastAPI

from services.applications import benefits, consumers, jobs, web
from services.applications.settings import ApplicationsSettings
from shared.documents.sealed import MasterKeys
from shared.documents.store import Store
from shared.identity import Verifier
from shared.service import Service, create_app

FILE_LIMIT = 21 * 2**20  # bytes of a request that brings a file


def create(settings: ApplicationsSettings) -> FastAPI:
    """Return the service's app."""
    keys, offers = MasterKeys.read(settings.document_keys_file), benefits.load(settings.tenants_dir)
    store = Store.from_url(settings.document_store_url)
    service = Service(
        settings,
        handlers=consumers.HANDLERS,
        seals=True,
        verifier=Verifier(settings.identity_public_keys, settings.service),
        jobs={
            "erase-persons": (jobs.TIDY_SECONDS, jobs.erase_persons),
            "delete-copies": (jobs.TIDY_SECONDS, partial(jobs.delete_copies, store=store)),
            "rewrap-keys": (jobs.TIDY_SECONDS, partial(jobs.rewrap_keys, keys=keys)),
            "forget-failures": (jobs.TIDY_SECONDS, jobs.forget_failures),
            "forget-audit": (jobs.TIDY_SECONDS, jobs.forget_audit),
        },
    )
    app = create_app(service, web.ROUTERS, file_limit=FILE_LIMIT)
    app.state.keys, app.state.offers, app.state.store = keys, offers, store
    return app
