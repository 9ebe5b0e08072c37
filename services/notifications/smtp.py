"""One connection to the mail server, kept open between mails."""

import asyncio
import contextlib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

TIMEOUT_SECONDS = 20
FIRST_PERMANENT, NOT_SUPPORTED = 500, 555  # RFC 5321: 5yz is final


class Refused(Exception):
    """The mail server said no to this mail; `permanent` means that asking again is of no use."""

    def __init__(self, code: int, *, permanent: bool | None = None) -> None:
        super().__init__(f"the mail server answered {code}")
        self.permanent = code >= FIRST_PERMANENT if permanent is None else permanent


class ServerAway(Exception):
    """The mail server cannot be reached or does not accept us; says nothing about any mail."""


class MailServer:
    """A mail server given as `smtp://`, `smtp+starttls://` or `smtps://` URL."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtp+starttls", "smtps"} or not parts.hostname:
            raise ValueError(
                "SMTP_URL must be like smtp://host:25, smtp+starttls://user:password@host:587 or smtps://…"
            )
        self._client = aiosmtplib.SMTP(
            hostname=parts.hostname,
            port=parts.port,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            start_tls=parts.scheme == "smtp+starttls",
            timeout=TIMEOUT_SECONDS,
        )

    async def send(self, mail: EmailMessage) -> None:
        """Hand a mail over; returns once the server has accepted it. Raises `Refused` or `ServerAway`."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):  # for all of it: a claim must not run out meanwhile
                await self._send(mail)
        except TimeoutError as error:
            self._client.close()
            raise ServerAway("it took too long") from error

    async def _send(self, mail: EmailMessage) -> None:
        was_open = self._client.is_connected
        await self._connect()
        try:
            await self._hand_over(mail)
        except ServerAway:
            if not was_open:
                raise
            # Servers close connections that idle, and say so only when the next mail comes.
            await self._connect()
            await self._hand_over(mail)

    async def _hand_over(self, mail: EmailMessage) -> None:
        try:
            await self._client.send_message(mail)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise Refused(error.recipients[0].code) from error
        except aiosmtplib.SMTPDataError as error:
            raise Refused(error.code) from error
        except aiosmtplib.SMTPNotSupported as error:
            raise Refused(NOT_SUPPORTED) from error  # an address beyond ASCII, which this server cannot take
        except aiosmtplib.SMTPSenderRefused as error:
            raise Refused(error.code, permanent=False) from error  # our own address: somebody will repair that
        except (aiosmtplib.SMTPException, OSError) as error:
            await self.close()
            raise ServerAway(type(error).__name__) from error

    async def _connect(self) -> None:
        if self._client.is_connected:
            return
        try:
            await self._client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ServerAway(type(error).__name__) from error

    async def close(self) -> None:
        """Close the connection; the next `send` opens a new one."""
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await self._client.quit()
        self._client.close()
