"""What routes ask for by which files come in."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Depends

from services.applications import opening
from services.applications.access import Access
from services.applications.queries import Case
from services.applications.uploads.receiving import Receiver
from services.applications.web.needs import CurrentKeys, CurrentOffer, CurrentOpened, CurrentService
from shared.db import Session
from shared.documents.sealed import DataKey
from shared.service import CurrentTenant

T = TypeVar("T")


class Files:
    """The way in for files of whoever has opened an application with its code or link; raises `ScopeTooSmall`."""

    def __init__(
        self,
        service: CurrentService,
        tenant: CurrentTenant,
        opened: CurrentOpened,
        offer: CurrentOffer,
        keys: CurrentKeys,
    ) -> None:
        opening.check_scope(opened)
        self.service, self.opened = service, opened
        self._tenant, self._offer, self._keys = tenant, offer, keys
        self.most_bytes = service.settings.upload_bytes
        self.idle_seconds = service.settings.upload_idle_seconds

    async def run(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Do one transaction's work."""
        return await self.service.database.run(work, self._tenant)

    async def receiver(self, case: Case) -> Receiver:
        """Return what receives for an application; raise `NoSealingKey`."""
        sealing_key = await self.service.sealing_keys.newest()
        access = Access.of(self.service.settings, self.service.tenants.by_id[self._tenant], sealing_key)
        key = DataKey.unwrap(case.row["data_key"], self._keys)
        return Receiver(self.service.database, self._tenant, key, self._offer, access, self.idle_seconds)


async def get_files(  # async, as what is not costs a thread
    service: CurrentService, tenant: CurrentTenant, opened: CurrentOpened, offer: CurrentOffer, keys: CurrentKeys
) -> Files:
    """Return the way in."""
    return Files(service, tenant, opened, offer, keys)


CurrentFiles = Annotated[Files, Depends(get_files)]
