"""Mails about an application: where it stands, what is missing, and nothing of the decision."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, get_args
from uuid import UUID

import pytest

from services.notifications import application_mails, render
from shared.contracts.applications import Actor, RejectReason, State
from shared.sealing import Recipient
from tests.unit.notifications.test_render import CONTENT, NOW, TENANT, text

PAPERS = [
    {"id": "mietvertrag", "name": {"de": "Mietvertrag", "en": "Rental contract"}},
    {"id": "kontoauszuege", "name": {"de": "Kontoauszüge", "en": "Bank statements"}},
]
STATE = {
    "office": CONTENT["office"],
    "state": "documents-missing",
    "next_actor": "citizen",
    "due_at": "2026-09-20T22:00:00Z",
    "missing": PAPERS,
    "as_of": "2026-09-07T06:59:00Z",
}
OF_KIND: dict[str, dict[str, Any]] = {
    "application-received": {"received_at": "2026-09-06T22:10:00Z"},
    "document-rejected": {"paper": PAPERS[0], "reason": "damaged"},
}


def mail(kind: str, language: str = "de", **changes: Any) -> EmailMessage:
    values = {"reference": "K7QM-3XPD-F", "link": "http://here.example/applications/x?a=1&b=2"}
    values |= {"file_name": "Foto <1>.jpg"} if kind == "document-rejected" else {}
    recipient = Recipient(email="aylin@example.org", name="Aylin Öz", language=language, values=values)
    message = render.Message(UUID(int=7), kind, 3, STATE | OF_KIND.get(kind, {}) | changes, recipient)
    made = message_from_bytes(render.to_email(message, TENANT, NOW).as_bytes(), policy=policy.default)
    assert isinstance(made, EmailMessage)
    return made


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", application_mails.KINDS)
def test_each_says_who_acts_next_and_what_is_missing_as_of_when(kind: str, language: str) -> None:
    made = mail(kind, language)
    german = language == "de"
    assert list(made.iter_attachments()) == [], "no calendar entry"
    for body in (text(made), text(made, "html")):
        assert "K7QM-3XPD-F" in body
        assert "http://here.example/applications/x?a=1" in body
        assert ("Mietvertrag" if german else "Rental contract") in body
        assert ("Montag, 21. September 2026" if german else "Monday, 21 September 2026") in body
        assert ("Montag, 7. September 2026, 08:59" if german else "Monday, 7 September 2026, 08:59") in body
    assert ("Rental" in text(made)) is not german


def test_a_receipt_names_the_time_that_counts_in_the_offices_zone() -> None:
    assert "Montag, 7. September 2026, 00:10 Uhr. Diese Zeit zählt." in text(mail("application-received"))


def test_a_rejected_paper_comes_with_file_reason_and_another_way() -> None:
    made = mail("document-rejected")
    for needed in ("Foto <1>.jpg", "beschädigt", "auf Papier"):
        assert needed in text(made)
    assert "Foto &lt;1&gt;.jpg" in text(made, "html")


def test_with_nothing_missing_none_is_asked_for() -> None:
    read = text(mail("status-inquired", missing=[], state="in-review", next_actor="office", due_at=None))
    assert "Im Moment brauchen wir keine Unterlagen von Ihnen." in read
    assert "Wir sind dran. Sie müssen nichts tun." in read


def test_what_is_decided_asks_for_nothing_and_tells_no_outcome() -> None:
    read = text(mail("application-decided", missing=[], state="decided", next_actor="nobody", due_at=None))
    assert "Unterlagen von Ihnen" not in read
    assert not any(word in read for word in ("bewilligt", "abgelehnt", "Bescheid"))


def test_there_are_words_for_all_that_an_event_can_say() -> None:
    assert set(application_mails.STATES) == set(get_args(State))
    assert set(application_mails.NEXT) == set(get_args(Actor))
    assert set(application_mails.REASONS) == set(get_args(RejectReason))
