"""What pages at an office say of waiting: a ticket and an arrival, as their templates need them."""

from collections.abc import Mapping
from typing import Any

from services.gateway.pages.office.place import Place
from services.gateway.render import pick

Document = Mapping[str, Any]


def ticket(place: Place, found: Document) -> dict[str, Any]:
    """Return a ticket with its times as the office reads them."""
    return {
        **found,
        "concern": pick(found["concern"]["name"], place.language),
        "as_of": place.moment(found["as_of"]),
        "due": place.moment(found["due"]) if found["due"] else None,
        "address": f"/{place.language}/tickets/{found['id']}/{found['secret']}",
    }


def arrival(place: Place, found: Document, offices: Mapping[str, Document]) -> dict[str, Any]:
    """Return an arrival: its outcome, when the appointment is, the right office with its address, the ticket."""
    return {
        "outcome": found["outcome"],
        "due": place.moment(found["due"]),
        "office": offices.get(found["office"]["id"], place.office),
        "ticket": ticket(place, found["ticket"]) if found["ticket"] else None,
    }


def waiting(place: Place, found: Document) -> dict[str, Any]:
    """Return how long people wait, by concern in the office's order: those for which a ticket can be drawn."""
    concerns = [
        {**one, "id": one["concern"]["id"], "name": pick(one["concern"]["name"], place.language)}
        for one in found["concerns"]
        if one["open"]
    ]
    return {"concerns": concerns, "as_of": place.moment(found["as_of"])}
