"""A Maildir whose summaries stay in memory, so that a long list costs no reading of files."""

import shlex
import time
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.mail import Json, Mail


class Maildir:
    """Mails by their number, oldest first. A number is the nanosecond the mail came in, so names sort by time."""

    def __init__(self, directory: Path) -> None:
        """Open or make the folder and read what it holds."""
        self._new, self._tmp = directory / "new", directory / "tmp"
        for folder in (self._new, self._tmp, directory / "cur"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._last = 0
        self.summaries: dict[str, Json] = {}
        for file in sorted(self._new.iterdir()):
            if file.name.isdecimal():
                self._last = int(file.name)
                self.summaries[file.name] = self._parse(file.name, file.read_bytes()).summary()

    def add(self, raw: bytes) -> str:
        """Keep a mail and return its number; it appears in the folder whole."""
        self._last = max(time.time_ns(), self._last + 1)
        number = f"{self._last:022d}"
        draft = self._tmp / number
        draft.write_bytes(raw)
        draft.replace(self._new / number)
        self.summaries[number] = self._parse(number, raw).summary()
        return number

    def raw(self, number: str) -> bytes | None:
        """Return the bytes of a mail, `latest` for the newest; None when there is no such mail."""
        if number == "latest":
            number = next(reversed(self.summaries), "")
        return (self._new / number).read_bytes() if number in self.summaries else None

    def get(self, number: str) -> Mail | None:
        """Return a mail, `latest` for the newest; None when there is no such mail."""
        raw = self.raw(number)
        if raw is None:
            return None
        return self._parse(next(reversed(self.summaries)) if number == "latest" else number, raw)

    def delete(self, numbers: list[str]) -> None:
        """Delete these mails, all when the list is empty."""
        for number in numbers or list(self.summaries):
            if self.summaries.pop(number, None):
                (self._new / number).unlink(missing_ok=True)

    def search(self, query: str) -> list[Json]:
        """Return those that match every word: `to:`, `from:`, `subject:`, or anywhere in these and the text."""
        words = [_word(word) for word in _split(query)]
        return [
            summary
            for summary in reversed(self.summaries.values())
            if all(text in _field(summary, field) for field, text in words)
        ]

    @staticmethod
    def _parse(number: str, raw: bytes) -> Mail:
        return Mail(number, raw, datetime.fromtimestamp(int(number) / 1e9, UTC))


def _split(query: str) -> list[str]:
    try:
        return shlex.split(query)
    except ValueError:
        return query.split()


def _word(word: str) -> tuple[str, str]:
    field, colon, text = word.partition(":")
    return (field, text.lower()) if colon and field in ("to", "from", "subject") else ("", word.lower())


def _field(summary: Json, field: str) -> str:
    match field:
        case "to":
            return _people(summary["To"])
        case "from":
            return _people([summary["From"]] if summary["From"] else [])
        case "subject":
            return str(summary["Subject"]).lower()
        case _:
            texts = [_field(summary, name) for name in ("to", "from", "subject")]
            return "\n".join([*texts, str(summary["Snippet"]).lower()])


def _people(people: list[Json]) -> str:
    return "\n".join(f"{person['Name']} {person['Address']}" for person in people).lower()
