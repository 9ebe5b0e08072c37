"""The applications service, put together."""

from functools import partial

from fastapi import FastAPI

from services.applications import benefits, consumers, jobs, web
from services.applications.settings import ApplicationsSettings
from services.applications.uploads import tidying
from services.applications.uploads.checking import Checker
from services.applications.uploads.copies import Copies
from shared.documents.scanner import Scanner, scanner_from
from shared.documents.sealed import MasterKeys
from shared.documents.store import Store
from shared.identity import Verifier
from shared.service import Service, create_app
from shared.settings import BadSetting


def create(settings: ApplicationsSettings) -> FastAPI:
    """Return the service's app."""
    keys, offers = MasterKeys.read(settings.document_keys_file), benefits.load(settings.tenants_dir)
    store, scanner = _outside(settings)
    copies = Copies(store, keys)
    service = Service(
        settings,
        handlers=consumers.HANDLERS,
        seals=True,
        verifier=Verifier(settings.identity_public_keys, settings.service),
        tasks={"documents": lambda service: Checker(service, copies, scanner, offers).run()},
        jobs={
            "erase-persons": (jobs.TIDY_SECONDS, jobs.erase_persons),
            "forget-failures": (jobs.TIDY_SECONDS, jobs.forget_failures),
            "forget-audit": (jobs.TIDY_SECONDS, jobs.forget_audit),
            "forget-uploads": (tidying.TIDY_SECONDS, tidying.forget_uploads),
            "delete-copies": (tidying.TIDY_SECONDS, partial(tidying.delete_copies, copies=copies)),
            "reconcile-documents": (tidying.RECONCILE_SECONDS, tidying.reconcile),
        },
        before_scrape=tidying.refresh,
    )
    app = create_app(service, web.ROUTERS, file_limit=settings.upload_bytes)
    app.state.keys, app.state.offers, app.state.copies, app.state.scanner = keys, offers, copies, scanner
    return app


def _outside(settings: ApplicationsSettings) -> tuple[Store, Scanner | None]:
    try:
        return Store.from_url(settings.document_store_url), scanner_from(settings.scanner_url)
    except ValueError as error:
        raise BadSetting(str(error)) from error
