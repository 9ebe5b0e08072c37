"""Documents for staff: what an import of states would do, and what it has done."""

from typing import Literal

from pydantic import Field

from shared.api import Document
from shared.contracts.applications import State

Outcome = Literal["new", "changed", "unchanged", "error"]


class ImportLine(Document):
    """A line of the file."""

    line: int = Field(description="As an editor counts; the first line holds the names of the columns.")
    external_reference: str = Field(description="Of the office's own system; empty when it could not be read.")
    outcome: Outcome
    reference: str | None = Field(None, description="Of the application; empty: there is none (yet).")
    before: State | None = None
    after: State | None = None
    reason: str | None = Field(None, description="Stable code of what is wrong with the line.")
    detail: str = Field("", description="The same as a sentence that says what to do.")


class ImportReport(Document):
    """What becomes of the file's lines. Bad ones never stop good ones."""

    hash: str = Field(description="Of the file as previewed here: the import wants it with the same bytes.")
    new: int
    changed: int
    unchanged: int
    errors: int
    lines: list[ImportLine]
    next_line: int | None = Field(None, description="There is more: send the same again with it as `from_line`.")
