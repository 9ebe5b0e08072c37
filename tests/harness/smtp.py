"""A mail server in this process that answers as a test wants."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


class Post:
    """Takes mail for everybody whom `answers` does not name with another answer, for example `550 nobody here`."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.received: list[EmailMessage] = []

    def to(self, address: str) -> list[EmailMessage]:
        """Return what was accepted for an address, in the order of its arrival."""
        return [mail for mail in self.received if address in str(mail["To"])]

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name and signature
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept or refuse a recipient."""
        if answer := self.answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  likewise
        """Keep a mail."""
        mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.received.append(mail)
        return "250 2.0.0 Ok"

    @asynccontextmanager
    async def open(self, port: int, *, utf8: bool = True) -> AsyncIterator[None]:
        """Listen. Without `utf8`, addresses beyond ASCII cannot be named to it."""
        loop = asyncio.get_running_loop()

        def protocol() -> SMTP:
            return SMTP(self, enable_SMTPUTF8=utf8, hostname="localhost", ident="post", loop=loop)

        async with await loop.create_server(protocol, "127.0.0.1", port):
            yield
