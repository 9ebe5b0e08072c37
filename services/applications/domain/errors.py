"""What applications refuses, by name."""

from shared.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    PreconditionFailed,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMediaType,
)


class UnknownBenefit(Invalid):
    """There is no such benefit to apply for."""


class UnknownOffice(NotFound):
    """The tenant has no such office."""


class UnknownItem(NotFound):
    """The application needs no such paper."""


class BirthDateImpossible(Invalid):
    """Nobody who applies was born on that day."""


class ReceivedInFuture(Invalid):
    """An application cannot have come in later than now."""


class IdempotencyKeyReused(Invalid):
    """The same key came with another request."""


class ApplicationNotFound(NotFound):
    """No application is opened by this. Which of the two was wrong, or that access is closed, is told nobody."""


class BearerRefused(Unauthenticated):
    """The bearer is none, has expired, or access was closed or changed since."""


class ScopeTooSmall(Forbidden):
    """With the birth date alone this cannot be done."""


class TooManyTries(TooManyRequests):
    """There were too many wrong tries."""


class StateJump(Conflict):
    """No application goes from the one state to the other."""


class ExplanationNeeded(Invalid):
    """A step back has to be explained to the person."""


class NothingMissing(Invalid):
    """Papers are said to be missing, and none is."""


class ApplicationChanged(Conflict):
    """Somebody or something else was faster: the application is no longer what was looked at."""


class ApplicationEnded(Conflict):
    """The application is decided or withdrawn: nothing is handed in any more."""


class AlreadyDecided(Conflict):
    """What is decided cannot be withdrawn."""


class ItemStateWrong(Conflict):
    """The paper is in a state in which this makes no sense."""


class AddressNeeded(Invalid):
    """There has to be some way to reach the person."""


class TaskNotFound(NotFound):
    """There is no such task at the offices of whoever asks."""


class NotYourTask(Forbidden):
    """The role of whoever asks does not include it."""


class OfficeNotYours(Forbidden):
    """Whoever asks does not work for the office."""


class UploadHeadersWrong(BadRequest):
    """What an upload's headers say cannot be read."""


class TusVersionUnknown(PreconditionFailed):
    """The upload protocol's version is another one."""


class UploadTypeWrong(UnsupportedMediaType):
    """The body of a PATCH does not say that it is a piece of an upload."""


class UploadNotFound(NotFound):
    """There is no such upload of this application."""


class UploadExpired(Gone):
    """The upload was not finished in time."""


class OffsetWrong(Conflict):
    """The upload stands elsewhere: the piece was sent before, or another connection was faster."""


class FileTooLarge(TooLarge):
    """The file is larger than one may be."""


class FileEmpty(Invalid):
    """The file holds nothing."""


class FileIncomplete(BadRequest):
    """The connection broke, or was silent, before the whole file was here; nothing of it is kept."""


class TooManyFiles(Conflict):
    """The application holds as many files as one may."""


class ReceiptNotFound(NotFound):
    """The application has no such receipt."""


class NothingToShow(NotFound):
    """There is no file that could be looked at."""


class OriginalLocked(Conflict):
    """Only the copy of the file may be looked at."""
