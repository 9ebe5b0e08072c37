"""The local mailbox as a person and a test use it: mail goes in by SMTP and is read over HTTP."""

import os
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

WaitUntil = Callable[[Callable[[], object]], None]


class Mailbox:
    """A mailbox process and a client for it."""

    def __init__(self, folder: Path, smtp_port: int, web_port: int, wait_until: WaitUntil) -> None:
        self.smtp_port = smtp_port
        self.web = httpx.Client(base_url=f"http://127.0.0.1:{web_port}", trust_env=False)
        own = {"LOCAL_DIR": str(folder), "SMTP_PORT": str(smtp_port), "MAILBOX_PORT": str(web_port)}
        self.environment = {**os.environ, **own}
        self.wait_until = wait_until
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "deploy.local.mailbox"], env=self.environment)
        self.wait_until(self.ready)

    def ready(self) -> bool:
        try:
            return self.web.get("/readyz").is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def send(self, subject: str, *, to: str = "kim@example.org", text: str = "Guten Tag", blind: str = "") -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "Jobcenter Düsseldorf <jc@example.org>", to, subject
        mail["Message-ID"] = "<1@example.org>"
        mail["List-Unsubscribe"] = "<http://localhost/off>"
        mail.set_content(text)
        mail.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="Termin.ics")
        with smtplib.SMTP("127.0.0.1", self.smtp_port) as smtp:
            smtp.send_message(mail, to_addrs=[to, blind] if blind else [to])

    def subjects(self, query: str) -> list[str]:
        return [mail["Subject"] for mail in self.web.get(query).json()["messages"]]


@pytest.fixture
def mailbox(tmp_path: Path, free_port: Callable[[], int], wait_until: WaitUntil) -> Iterator[Mailbox]:
    box = Mailbox(tmp_path, free_port(), free_port(), wait_until)
    yield box
    box.stop()
    box.web.close()


def test_a_sent_mail_is_listed_with_mailpits_fields(mailbox: Mailbox) -> None:
    mailbox.send("Ihr Termin ist bestätigt", text="Bis\nmorgen")
    listing = mailbox.web.get("/api/v1/messages").json()
    assert (listing["total"], listing["messages_count"], listing["start"]) == (1, 1, 0)
    mail = listing["messages"][0]
    assert mail["Subject"] == "Ihr Termin ist bestätigt"
    assert mail["From"] == {"Name": "Jobcenter Düsseldorf", "Address": "jc@example.org"}
    assert mail["To"] == [{"Name": "", "Address": "kim@example.org"}]
    assert (mail["MessageID"], mail["Attachments"], mail["Snippet"]) == ("1@example.org", 1, "Bis morgen")


def test_the_newest_comes_first_and_pages_by_start_and_limit(mailbox: Mailbox) -> None:
    for number in range(5):
        mailbox.send(f"Nr. {number}")
    assert mailbox.subjects("/api/v1/messages?limit=2") == ["Nr. 4", "Nr. 3"]
    assert mailbox.subjects("/api/v1/messages?start=3&limit=2") == ["Nr. 1", "Nr. 0"]


def test_search_finds_the_mails_to_an_address(mailbox: Mailbox) -> None:
    mailbox.send("for Kim", to="kim@example.org")
    mailbox.send("for Sam", to="sam@example.org")
    assert mailbox.subjects("/api/v1/search?query=to:SAM@example.org") == ["for Sam"]
    assert mailbox.subjects('/api/v1/search?query=subject:"for Kim"') == ["for Kim"]
    assert mailbox.subjects("/api/v1/search?query=to:nobody@example.org") == []


def test_a_message_shows_text_headers_raw_and_its_attachment(mailbox: Mailbox) -> None:
    mailbox.send("Termin", text="Ort: Raum 3")
    message = mailbox.web.get("/api/v1/message/latest").json()
    path = f"/api/v1/message/{message['ID']}"
    assert message["Text"].strip() == "Ort: Raum 3"
    assert message["Attachments"][0]["FileName"] == "Termin.ics"
    part = mailbox.web.get(f"{path}/part/{message['Attachments'][0]['PartID']}")
    assert part.content == b"BEGIN:VCALENDAR"
    assert part.headers["Content-Disposition"] == "attachment"
    assert mailbox.web.get(f"{path}/headers").json()["List-Unsubscribe"] == ["<http://localhost/off>"]
    assert "Subject: Termin" in mailbox.web.get(f"{path}/raw").text


def test_a_receiver_that_no_header_names_had_a_blind_copy(mailbox: Mailbox) -> None:
    mailbox.send("Termin", blind="archive@example.org")
    mail = mailbox.web.get("/api/v1/messages").json()["messages"][0]
    assert mail["Bcc"] == [{"Name": "", "Address": "archive@example.org"}]


def test_an_unknown_message_is_not_found(mailbox: Mailbox) -> None:
    assert mailbox.web.get("/api/v1/message/latest").status_code == httpx.codes.NOT_FOUND
    assert mailbox.web.get("/api/v1/message/..%2Flock/raw").status_code == httpx.codes.NOT_FOUND


def test_mail_outlives_a_restart_until_it_is_deleted(mailbox: Mailbox) -> None:
    mailbox.send("one")
    mailbox.send("two")
    mailbox.stop()
    mailbox.start()
    assert mailbox.subjects("/api/v1/messages") == ["two", "one"]
    number = mailbox.web.get("/api/v1/message/latest").json()["ID"]
    mailbox.web.request("DELETE", "/api/v1/messages", json={"IDs": [number]})
    assert mailbox.subjects("/api/v1/messages") == ["one"]
    mailbox.web.delete("/api/v1/messages")
    assert mailbox.subjects("/api/v1/messages") == []


def test_pages_show_a_mail_as_text_never_as_markup(mailbox: Mailbox) -> None:
    mailbox.send("<script>alert(1)</script>", text="<img src=x> http://localhost:8000/t/1?a=b")
    number = mailbox.web.get("/api/v1/message/latest").json()["ID"]
    for page in (mailbox.web.get("/"), mailbox.web.get(f"/view/{number}")):
        assert page.is_success
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert 'href="http://localhost:8000/t/1?a=b"' in mailbox.web.get(f"/view/{number}").text
