"""Local mailbox: takes mail by SMTP and shows it on a page and through the part of Mailpit's API v1 that tests read."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import APIRouter, Body, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from deploy.local.mail import Mail
from deploy.local.maildir import Maildir
from deploy.local.problem import exit_clearly
from deploy.local.settings import LocalSettings

PAGES = Environment(loader=FileSystemLoader(Path(__file__).with_name("pages")), autoescape=select_autoescape())
PAGE_LENGTH = 100
# What a mail holds must never run or load anything in the page that shows it.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}
Start = Annotated[int, Query(ge=0)]
Limit = Annotated[int, Query(ge=0)]


class Inbox:
    """aiosmtpd's handler: keeps what it is given."""

    def __init__(self, maildir: Maildir) -> None:
        """Keep mail in this folder."""
        self._maildir = maildir

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802  aiosmtpd's name and signature
        """Keep a mail, with its envelope as headers before its own."""
        raw = envelope.original_content or b""
        head = f"Return-Path: <{envelope.mail_from}>\r\n"
        # Receivers that no header names had a blind copy.
        visible = raw.lower().partition(b"\r\n\r\n")[0]
        blind = [address for address in envelope.rcpt_tos if address.lower().encode() not in visible]
        if blind:
            head += f"Bcc: {', '.join(blind)}\r\n"
        return f"250 2.0.0 Ok: queued as {self._maildir.add(head.encode() + raw)}"


router = APIRouter()


def _maildir(request: Request) -> Maildir:
    maildir: Maildir = request.app.state.maildir
    return maildir


Folder = Annotated[Maildir, Depends(_maildir)]


def _mail(number: str, maildir: Folder) -> Mail:
    if mail := maildir.get(number):
        return mail
    raise HTTPException(404, "message not found")


def _listing(maildir: Maildir, query: str, start: int, limit: int) -> dict[str, Any]:
    found = maildir.search(query)
    chosen = found[start : start + limit]
    total = len(maildir.summaries)
    return {
        "total": total,
        "unread": total,
        "count": len(chosen),
        "messages_count": len(found),
        "messages_unread": len(found),
        "start": start,
        "tags": [],
        "messages": chosen,
    }


@router.get("/readyz")
async def ready() -> Response:
    """Say that the mailbox answers."""
    return PlainTextResponse("ok")


@router.get("/api/v1/messages")
async def messages(maildir: Folder, start: Start = 0, limit: Limit = 50) -> Response:
    """List mails, newest first."""
    return JSONResponse(_listing(maildir, "", start, limit))


@router.get("/api/v1/search")
async def search(maildir: Folder, query: str, start: Start = 0, limit: Limit = 50) -> Response:
    """List the mails that match a query, newest first."""
    return JSONResponse(_listing(maildir, query, start, limit))


@router.delete("/api/v1/messages")
async def delete(maildir: Folder, ids: Annotated[list[str] | None, Body(alias="IDs", embed=True)] = None) -> Response:
    """Delete the mails named, or all."""
    maildir.delete(ids or [])
    return PlainTextResponse("ok")


@router.get("/api/v1/message/{number}")
async def message(mail: Annotated[Mail, Depends(_mail)]) -> Response:
    """Show a mail."""
    return JSONResponse(mail.full())


@router.get("/api/v1/message/{number}/headers")
async def headers(mail: Annotated[Mail, Depends(_mail)]) -> Response:
    """Show a mail's headers."""
    return JSONResponse(mail.headers())


@router.get("/api/v1/message/{number}/raw")
async def raw(mail: Annotated[Mail, Depends(_mail)], maildir: Folder) -> Response:
    """Show a mail as it came in."""
    return Response(maildir.raw(mail.number), media_type="text/plain", headers=HEADERS)


@router.get("/api/v1/message/{number}/part/{part}")
async def attachment(mail: Annotated[Mail, Depends(_mail)], part: str) -> Response:
    """Hand a part of a mail over, to be kept and not to be shown."""
    for found in mail.parts:
        if found.number == part:
            own = HEADERS | {"Content-Disposition": "attachment"}
            return Response(found.content, media_type=found.message.get_content_type(), headers=own)
    raise HTTPException(404, "part not found")


@router.get("/")
async def list_page(maildir: Folder, query: str = "", start: Start = 0) -> Response:
    """Show the list as a page."""
    page = PAGES.get_template("list.html")
    found = _listing(maildir, query, start, PAGE_LENGTH)
    return HTMLResponse(page.render(found, query=query, following=start + PAGE_LENGTH), headers=HEADERS)


@router.get("/view/{number}")
async def message_page(mail: Annotated[Mail, Depends(_mail)]) -> Response:
    """Show a mail as a page."""
    page = PAGES.get_template("message.html")
    return HTMLResponse(page.render(mail=mail.full(), headers=mail.headers(), parts=mail.parts), headers=HEADERS)


def create_app(maildir: Maildir) -> FastAPI:
    """Make the page and the API over a mail folder."""
    app = FastAPI(openapi_url=None)
    app.state.maildir = maildir
    app.include_router(router)
    return app


async def serve(settings: LocalSettings) -> None:
    """Take and show mail until SIGTERM; both servers share one event loop and one folder."""
    maildir = Maildir(settings.home / "mail")
    loop = asyncio.get_running_loop()
    inbox = Inbox(maildir)
    smtp = await loop.create_server(
        # Given a host name, it does not ask the network for one at each connection.
        lambda: SMTP(inbox, enable_SMTPUTF8=True, hostname="localhost", ident="mailbox", loop=loop),
        "127.0.0.1",
        settings.smtp_port,
    )
    web = uvicorn.Config(
        create_app(maildir),
        host="127.0.0.1",
        port=settings.mailbox_port,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    async with smtp:
        await uvicorn.Server(web).serve()


def main() -> None:
    """Run the mailbox with the settings from the environment."""
    asyncio.run(serve(LocalSettings()))


if __name__ == "__main__":
    exit_clearly(main)
