"""Errors a person or another program is told about: a slug, a sentence, and nothing of HTTP."""

import re


class ServiceError(Exception):
    """Base of all expected errors; `detail` says what is wrong and what to do, `extra` goes beside it."""

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra

    @property
    def slug(self) -> str:
        """`SlotTaken` → `slot-taken`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()

    @property
    def title(self) -> str:
        """`SlotTaken` → `Slot taken`."""
        return self.slug.replace("-", " ").capitalize()


class BadRequest(ServiceError):
    """The request cannot be read."""


class Unauthenticated(ServiceError):
    """Who asks is not known."""


class Forbidden(ServiceError):
    """Who asks is known, and may not do this."""


class UnsupportedMediaType(ServiceError):
    """The body is not of the kind that is read here."""


class NotFound(ServiceError):
    """There is no such thing, or the asker may not know of it."""


class Gone(ServiceError):
    """There was such a thing, and there is not any more."""


class PreconditionFailed(ServiceError):
    """The request is made for another version of the protocol."""


class TooLarge(ServiceError):
    """What is sent is larger than what is taken."""


class Conflict(ServiceError):
    """The request is right but the present state does not allow it."""


class Invalid(ServiceError):
    """The request can be read, but a value in it cannot be accepted."""


class TooManyRequests(ServiceError):
    """Somebody tries too often; `extra["seconds"]` says for how long to wait."""


class Unavailable(ServiceError):
    """A part that is needed for the answer is away; trying again later helps."""
