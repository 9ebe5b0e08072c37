"""Importing states from the office's own system: looked at first, then done, a few lines in each transaction.

A line of an application that is here changes its state and nothing else: who the person is, they tell themselves.
The same file again changes nothing.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from services.applications import applying, domain, queries, staff
from services.applications.access import Access
from services.applications.benefits import Offer
from services.applications.import_plans import LONGEST_REFERENCE, Known, Plan, Words, external_reference, plan
from services.applications.models import applications, audit_entries, items
from shared import audit, clock
from shared.api_imports import ImportLine, ImportReport, Outcome
from shared.db import Database, Session
from shared.documents.sealed import MasterKeys
from shared.errors import ServiceError
from shared.identity import Identity

LINES_AT_ONCE = 50  # in one transaction
LINES_IN_REQUEST = 100  # some seconds, also on a busy machine


@dataclass(frozen=True)
class Importer:
    """Imports for a member of staff."""

    database: Database
    staff: Identity
    offer: Offer
    access: Access
    keys: MasterKeys

    async def preview(self, data: bytes) -> ImportReport:
        """Tell what the file would do; raise `FileUnreadable`, `NotYourTask`."""
        return await self._each(data, "preview-import", do=False)

    async def run(self, data: bytes, hash_: str, from_line: int = 0) -> ImportReport:
        """Do it, as many lines as a request may last, and tell what was done.

        Raises `NotPreviewed`, and what `preview` raises.
        """
        if hash_ != self._hash(data):
            raise domain.NotPreviewed("This is not the file that was previewed. Please look at its preview first.")
        return await self._each(data, "import-applications", from_line, LINES_IN_REQUEST, do=True)

    async def _each(
        self, data: bytes, action: str, from_line: int = 0, most: int = domain.MOST_LINES, *, do: bool
    ) -> ImportReport:
        staff.check_may(self.staff)
        every = await asyncio.to_thread(domain.read_lines, data, self.offer.imports.columns.model_dump())
        words, told = Words(self.offer), list[ImportLine]()
        first = {line.values.get("reference", ""): line.number for line in reversed(every)}
        lines = [line for line in every if line.number >= from_line]
        for start in range(0, len(lines[:most]), LINES_AT_ONCE):
            some = lines[start : min(start + LINES_AT_ONCE, most)]
            work = partial(self._some, lines=some, words=words, first=first, do=do)
            told += await self.database.run(work, self.staff.tenant)
        next_line = lines[most].number if len(lines) > most else None
        report = _report(self._hash(data), told, next_line)
        async with self.database.transaction(self.staff.tenant) as session:
            counts = report.model_dump(include={"new", "changed", "unchanged", "errors"})
            audit.add(session, audit_entries, self.staff, action, target=report.hash[:16], after=counts)
        return report

    async def _some(
        self, session: Session, lines: Sequence[domain.Line], words: Words, first: Mapping[str, int], *, do: bool
    ) -> list[ImportLine]:
        if do:
            await session.lock(f"import/{session.tenant}")  # one import at a time, so that none is in another's way
        known = await self._known(session, lines)
        told = []
        for line in lines:
            try:
                told.append(await self._one(session, line, known, words, first, do=do))
            except ServiceError as error:
                told.append(self._refused(line, error, known.get(self._line_hash(line))))
        return told

    async def _one(
        self,
        session: Session,
        line: domain.Line,
        known: Mapping[bytes, Known],
        words: Words,
        first: Mapping[str, int],
        *,
        do: bool,
    ) -> ImportLine:
        reference, now = external_reference(line), clock.now()
        if (other := first[reference]) != line.number:
            raise domain.LineTwice(f"Line {other} has the same reference. Only that one counts.", first=other)
        hash_ = self._line_hash(line)
        found = known.get(hash_)
        planned = plan(line, found, self.offer, words, self.staff, now)
        own = found.row["reference"] if found else None
        if do and planned.outcome in ("new", "changed"):
            try:
                async with session.savepoint():
                    own = await self._do(session, line, planned, found, hash_)
            except IntegrityError:
                raise domain.ApplicationChanged("Something else was faster. Please import the file again.") from None
        return ImportLine(
            line=line.number,
            external_reference=reference,
            outcome=planned.outcome,
            reference=own,
            before=planned.before,
            after=planned.after,
        )

    async def _do(self, session: Session, line: domain.Line, planned: Plan, found: Known | None, hash_: bytes) -> str:
        """Make or change the application, as a clerk does; return its reference here."""
        if found is not None:
            return await self._change(session, found, planned)
        assert planned.request is not None  # noqa: S101  a new one has a request
        own = {"external_reference": line.values["reference"], "external_hash": hash_}
        row, _ = await applying.apply(
            session, planned.request, f"import/{hash_.hex()}", self.offer, self.access, self.keys,
            "import", planned.at, own,
        )  # fmt: skip
        staff.note(session, self.staff, "register-application", row, after={"channel": "import"})
        if planned.after != "received":
            case = await queries.load_case(session, row["id"], lock=True)
            assert case is not None  # noqa: S101  it was made in this transaction
            await staff.move(session, case, planned.after, planned.at, self.staff, self.offer, self.access)
        return str(row["reference"])

    async def _change(self, session: Session, found: Known, planned: Plan) -> str:
        case = await queries.load_case(session, found.row["id"], lock=True)
        if case is None or case.row["state"] != planned.before or case.row["erased_at"] is not None:
            raise domain.ApplicationChanged("Somebody was faster. Please import the file again.")
        at: datetime = max(planned.at, case.row["state_since"])
        await staff.move(session, case, planned.after, at, self.staff, self.offer, self.access)
        return str(case.row["reference"])

    async def _known(self, session: Session, lines: Sequence[domain.Line]) -> dict[bytes, Known]:
        """Return by hash the applications that these lines are about."""
        hashes = [self._line_hash(line) for line in lines if line.values.get("reference")]
        query = select(applications).where(applications.c.external_hash.in_(hashes))
        found = [dict(row) for row in (await session.execute(query)).mappings()]
        lacking = (
            select(items.c.application_id)
            .where(
                items.c.application_id.in_([row["id"] for row in found]),
                items.c.needed,
                items.c.state.in_(domain.NEEDED_AGAIN),
            )
            .distinct()
        )
        missing = set((await session.execute(lacking)).scalars())
        return {row["external_hash"]: Known(row, row["id"] in missing) for row in found}

    def _refused(self, line: domain.Line, error: ServiceError, known: Known | None) -> ImportLine:
        """Tell what is wrong; of another office's application nothing."""
        row = known.row if known and known.row["office_id"] in self.staff.offices else {}
        return ImportLine(
            line=line.number,
            external_reference=line.values.get("reference", "")[:LONGEST_REFERENCE],
            outcome="error",
            reference=row.get("reference"),
            before=row.get("state"),
            reason=error.slug,
            detail=error.detail,
        )

    def _line_hash(self, line: domain.Line) -> bytes:
        return external_hash(line.values.get("reference", ""), self.access)

    def _hash(self, data: bytes) -> str:
        """Return a hash that nobody can give who has not seen the preview."""
        return self.access.keyed_hash(f"import/{self.access.tenant}/{hashlib.sha256(data).hexdigest()}").hex()


def external_hash(reference: str, access: Access) -> bytes:
    """Return what stays of an own system's reference when the person is erased; it can be tried, not read."""
    return access.keyed_hash(f"external/{access.tenant}/{reference}")


def _report(hash_: str, lines: list[ImportLine], next_line: int | None) -> ImportReport:
    def count(outcome: Outcome) -> int:
        return sum(line.outcome == outcome for line in lines)

    return ImportReport(
        hash=hash_, new=count("new"), changed=count("changed"), unchanged=count("unchanged"), errors=count("error"),
        lines=lines, next_line=next_line,
    )  # fmt: skip
