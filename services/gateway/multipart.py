"""A form with files, read piece by piece: no file is held, in memory or on a disk."""

from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Literal

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from shared.errors import BadRequest, UnsupportedMediaType
from shared.incoming import Incoming, Stalled

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_FIELD_BYTES = 4096
MOST_PARTS = 100

Event = tuple[Literal["field", "file", "data", "end"], bytes]


class FormUnreadable(BadRequest):
    """The body is no form, or it ends before its end."""


class FormTypeWrong(UnsupportedMediaType):
    """The request says that its body is no form."""


class Form:
    """The body of a request as a form: fields, then files. Fields that follow a file are read with the next one."""

    def __init__(self, incoming: Incoming, content_type: str, patience: float) -> None:
        """Read a form; raise `FormTypeWrong`. `patience`: seconds that nothing may come."""
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise FormTypeWrong("Please send a form, with the header Content-Type: multipart/form-data.")
        self._incoming, self._patience = incoming, patience
        self.fields: dict[str, str] = {}
        self._events: deque[Event] = deque()
        self._header, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._parts, self._name, self._held = 0, "", b""
        self._in_file = False
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._on_header,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_data,
            "on_part_end": self._on_end,
        }
        self._parser = MultipartParser(options[b"boundary"], callbacks)

    async def next_file(self) -> str | None:
        """Return the name of the next file that was chosen, after what is left of the present one; `None`: no more.

        Raises `FormUnreadable`.
        """
        while (event := await self._event()) is not None:
            if event[0] == "file" and event[1]:
                return event[1].decode(errors="replace")
        return None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield what the present file holds; raise `FormUnreadable`."""
        while (event := await self._event()) is not None:
            if event[0] != "data":
                return
            yield event[1]
        raise FormUnreadable("The form ends within the file. Please send it again.")

    async def _event(self) -> Event | None:
        while not self._events:
            try:
                piece = await self._incoming.take(patience=self._patience)
            except Stalled as error:
                raise FormUnreadable("Nothing came any more. Please send it again.") from error
            try:
                if not piece:
                    if not self._incoming.whole:
                        raise FormUnreadable("The connection broke. Please send it again.")
                    self._parser.finalize()
                    return None
                self._parser.write(piece)
            except FormParserError as error:
                raise FormUnreadable("The body is not a form as browsers send it.") from error
        return self._events.popleft()

    def _begin(self) -> None:
        self._headers, self._held = {}, b""
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise FormUnreadable(f"A form may have {MOST_PARTS} parts at most.")

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode(errors="replace")
        self._in_file = b"filename" in options
        if self._in_file:
            self._events.append(("file", options[b"filename"]))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._events.append(("data", data[start:end]))
            return
        self._held += data[start:end]
        if len(self._held) > MOST_FIELD_BYTES:
            raise FormUnreadable(f"A field may have {MOST_FIELD_BYTES} bytes at most.")

    def _on_end(self) -> None:
        if self._in_file:
            self._events.append(("end", b""))
        else:
            self.fields[self._name] = self._held.decode(errors="replace")
        self._in_file = False
