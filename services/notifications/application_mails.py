"""What mails about an application say: its state, who acts next, and the papers still missing when the mail is sent."""

from collections.abc import Callable, Mapping
from typing import Any

from shared import languages
from shared.sealing import Recipient

KINDS = (
    "application-received",
    "application-changed",
    "documents-requested",
    "document-rejected",
    "status-inquired",
    "application-decided",
)
OPEN = ("received", "documents-missing", "in-review")


def N_(text: str) -> str:  # noqa: N802  gettext's own name for a text that is translated later
    """Mark a text for translation."""
    return text


STATES: Mapping[str, str] = {
    "received": N_("It has arrived."),
    "documents-missing": N_("We are waiting for papers from you."),
    "in-review": N_("We are working on it."),
    "decided": N_("It is decided. You get the letter by post."),
    "withdrawn": N_("It has been withdrawn."),
}
NEXT: Mapping[str, str] = {
    "citizen": N_("It is your turn: please send us the papers."),
    "office": N_("It is our turn. You need not do anything."),
    "nobody": N_("Nothing. Nobody has to do anything now."),
}
NEXT_BY: Mapping[str, str] = {
    "citizen": N_("It is your turn: please send us the papers by %(date)s."),
    "office": N_("It is our turn, by %(date)s. You need not do anything."),
}
REASONS: Mapping[str, str] = {
    "unreadable": N_("We cannot read it. Please take the photo again, in good light and from straight above."),
    "wrong-paper": N_("It is another paper than the one we need."),
    "incomplete": N_("A part is missing. Please send all pages."),
    "out-of-date": N_("It is too old. Please send the newest one."),
    "not-needed": N_("We do not need it."),
    "too-large": N_("The file is too large."),
    "empty": N_("The file is empty."),
    "wrong-type": N_("We cannot open this kind of file. Photos and PDF files do."),
    "too-many-pixels": N_("The picture is too large. Please take it with a lower resolution."),
    "too-many-pages": N_("The file has too many pages. Please send it in parts."),
    "damaged": N_("The file is damaged and cannot be opened. Please send it again."),
    "encrypted": N_("The file is protected with a password. Please send it without one."),
    "infected": N_("The file may hold harmful software, so we cannot open it."),
    "too-complex": N_("The file cannot be opened in reasonable time. A photo of the paper does."),
}

Values = dict[str, Any]


def values(
    content: Mapping[str, Any],
    recipient: Recipient,
    language: str,
    moment: Callable[[str], Values | None],
    translate: Callable[[str], str],
) -> Values:
    """Return what the templates name: `content` is an event's body with the newest state of the application over it.

    `moment` reads a time of the content, as date and time in the office's zone.
    """
    due = moment("due_at")
    actor = content["next_actor"]
    by_when = due and NEXT_BY.get(actor)
    reason = content.get("reason")
    return {
        "reference": recipient.values["reference"],
        "state": translate(STATES[content["state"]]),
        "open": content["state"] in OPEN,
        "next": translate(by_when) % due if by_when else translate(NEXT[actor]),
        "papers": [languages.pick(paper["name"], language) for paper in content["missing"]],
        "paper": languages.pick(content["paper"]["name"], language) if "paper" in content else "",
        "file_name": recipient.values.get("file_name", ""),
        "reason": translate(REASONS[reason]) if reason else "",
        "arrived": moment("received_at"),
        "as_of": moment("as_of"),
    }
