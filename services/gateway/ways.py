"""The ways from the gateway to the services behind it, and what it remembers of their answers."""

from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI

from services.gateway.applications import UsualTimes
from services.gateway.backend import Backend
from services.gateway.displays import Displays
from services.gateway.offers import OfferBook
from services.gateway.remembered import Remembered
from services.gateway.settings import GatewaySettings
from services.gateway.uploading import UploadWay
from services.gateway.waiting_times import WaitingTimes
from shared.identity import Signer


@dataclass(frozen=True)
class Ways:
    """One way for each service, and one for files."""

    booking: Backend
    applications: Backend
    statistics: Backend
    uploads: UploadWay

    @classmethod
    def of(cls, settings: GatewaySettings) -> "Ways":
        """Return the ways that the settings say."""
        signer = Signer(settings.identity_private_key.get_secret_value())
        limits = (settings.backend_timeout_seconds, settings.backend_connections)
        return cls(
            Backend("booking", settings.booking_url, signer, *limits),
            Backend("applications", settings.applications_url, signer, *limits),
            Backend("statistics", settings.statistics_url, signer, *limits),
            UploadWay(settings, signer),
        )

    async def close(self) -> None:
        """Close all connections."""
        for way in (self.booking, self.applications, self.statistics, self.uploads):
            await way.close()

    def install(self, app: FastAPI) -> None:
        """Let routes find the ways, and what is remembered."""
        state = app.state
        state.booking, state.applications, state.statistics = self.booking, self.applications, self.statistics
        state.uploads, state.displays = self.uploads, Displays(self.booking)
        state.offers, state.usual_times = OfferBook(self.booking), UsualTimes(self.statistics)
        state.waiting_times = WaitingTimes(self.booking, self.statistics, state.offers)
        # Adding figures up is work that nobody should cause at will.
        state.figures = Remembered(partial(self.statistics.get, "/appointments"), fresh=10, old=600)
        state.booking_figures = Remembered(partial(self.statistics.get, "/booking"), fresh=30, old=600)
