"""One connection to the mail server, kept open between mails."""

import contextlib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

TIMEOUT_SECONDS = 20


class Refused(Exception):
    """The mail server said no to this mail; `permanent` means that asking again is of no use."""

    def __init__(self, code: int, *, permanent: bool) -> None:
        super().__init__(f"the mail server answered {code}")
        self.permanent = permanent


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
            if not self._client.is_connected:
                await self._client.connect()
            await self._client.send_message(mail)
        except aiosmtplib.SMTPRecipientsRefused as error:
            code = error.recipients[0].code
            raise Refused(code, permanent=code >= 500) from error  # noqa: PLR2004  RFC 5321: 5yz is final
        except aiosmtplib.SMTPDataError as error:
            raise Refused(error.code, permanent=error.code >= 500) from error  # noqa: PLR2004
        except aiosmtplib.SMTPSenderRefused as error:
            raise Refused(error.code, permanent=False) from error  # our own address: somebody will repair that
        except (aiosmtplib.SMTPException, OSError) as error:
            await self.close()
            raise ServerAway(type(error).__name__) from error

    async def close(self) -> None:
        """Close the connection; the next `send` opens a new one."""
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await self._client.quit()
        self._client.close()
