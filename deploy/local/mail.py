"""Reads a mail into the JSON that Mailpit's API v1 shows for it."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header, decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from email.message import Message

Json = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A part that is neither of the two bodies: its number, its disposition and its bytes."""

    number: str
    message: "Message[str, str]"
    attached: bool

    @property
    def content(self) -> bytes:
        """The decoded bytes."""
        payload = self.message.get_payload(decode=True)
        return payload if isinstance(payload, bytes) else b""

    @property
    def name(self) -> str:
        """The file name its sender gave it."""
        return _text(self.message.get_filename())

    def json(self) -> Json:
        """Return the part as Mailpit lists it."""
        return {
            "PartID": self.number,
            "FileName": self.name,
            "ContentType": self.message.get_content_type(),
            "ContentID": _text(self.message.get("Content-ID")).strip("<> "),
            "Size": len(self.content),
        }


class Mail:
    """A parsed mail; `created` is when it came in."""

    def __init__(self, number: str, raw: bytes, created: datetime) -> None:
        """Parse the mail; a broken one yields what can be read of it."""
        self.number, self.created, self.size = number, created, len(raw)
        # The older policy reads any header without raising, and four times as fast.
        self.message = email.message_from_bytes(raw, policy=email.policy.compat32)
        self.bodies: dict[str, str] = {}
        self.parts: list[Part] = []
        for index, part in enumerate(_leaves(self.message), 1):
            kind, disposition = part.get_content_type(), part.get_content_disposition()
            if kind in ("text/plain", "text/html") and disposition != "attachment" and kind not in self.bodies:
                self.bodies[kind] = _body(part)
            else:
                self.parts.append(Part(str(index), part, attached=disposition == "attachment"))

    def summary(self) -> Json:
        """Return the mail as a list of mails shows it."""
        snippet = " ".join(self.bodies.get("text/plain", "").split())
        return {
            **self._shared(),
            "Read": False,
            "Created": _iso(self.created),
            "Attachments": sum(part.attached for part in self.parts),
            "Snippet": snippet[:250],
        }

    def full(self) -> Json:
        """Return the mail with its text and the list of its attachments."""
        return {
            **self._shared(),
            "ReturnPath": _text(self.message.get("Return-Path")).strip("<> "),
            "Date": _iso(self._date()),
            "Text": self.bodies.get("text/plain", ""),
            "HTML": self.bodies.get("text/html", ""),
            "Inline": [part.json() for part in self.parts if not part.attached],
            "Attachments": [part.json() for part in self.parts if part.attached],
        }

    def headers(self) -> dict[str, list[str]]:
        """Return every header with all its values, decoded."""
        found: dict[str, list[str]] = {}
        for name, value in self.message.items():
            found.setdefault(name, []).append(_text(value))
        return found

    def _shared(self) -> Json:
        return {
            "ID": self.number,
            "MessageID": _text(self.message.get("Message-ID")).strip("<> "),
            "From": next(iter(self._people("From")), None),
            "To": self._people("To"),
            "Cc": self._people("Cc"),
            "Bcc": self._people("Bcc"),
            "ReplyTo": self._people("Reply-To"),
            "Subject": _text(self.message.get("Subject")),
            "Size": self.size,
            "Tags": [],
        }

    def _people(self, header: str) -> list[Json]:
        # Split before decoding: a decoded name may hold a comma.
        values = [str(value) for value in self.message.get_all(header, [])]
        return [{"Name": _text(name), "Address": address} for name, address in getaddresses(values) if address]

    def _date(self) -> datetime:
        try:
            date = parsedate_to_datetime(str(self.message.get("Date")))
        except ValueError:
            return self.created
        return date if date.tzinfo else date.replace(tzinfo=UTC)


def _leaves(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    return (part for part in message.walk() if not part.is_multipart())


def _body(part: "Message[str, str]") -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    try:
        text = content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def _text(value: object) -> str:
    """Return a header's value decoded; bytes beyond ASCII are taken for UTF-8."""
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(value if isinstance(value, Header) else str(value))))
    except (ValueError, LookupError):
        text = str(value)
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\r\n", "").replace("\n", "")


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
