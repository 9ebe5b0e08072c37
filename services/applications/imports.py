"""How the office's own system writes: the section `imports` of a tenant's file. What is left out there is as here."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.applications import State

Words = list[Annotated[str, Field(min_length=1)]]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Columns(_Read):
    """What a column's heading may be, in small or large letters."""

    reference: Words = Field(["Aktenzeichen", "BG-Nummer", "reference"], min_length=1)
    name: Words = Field(["Name", "name"], min_length=1)
    birth_date: Words = Field(["Geburtsdatum", "birth date"], min_length=1)
    email: Words = Field(["E-Mail", "E-Mail-Adresse", "e-mail"], min_length=1)
    benefit: Words = Field(["Leistung", "benefit"], min_length=1)
    state: Words = Field(["Stand", "Status", "state"], min_length=1)
    since: Words = Field(["Seit", "since"], min_length=1)
    office: Words = Field(["Dienststelle", "Standort", "office"], min_length=1)


class Imports(_Read):
    """Headings, and the own system's words for what has an id here; ids, and names of benefits and offices, do too."""

    columns: Columns = Columns()
    states: Mapping[State, Words] = {
        "received": ["Eingegangen", "Neu"],
        "documents-missing": ["Unterlagen fehlen", "Unterlagen angefordert"],
        "in-review": ["In Bearbeitung", "In Prüfung"],
        "decided": ["Entschieden", "Beschieden", "Bewilligt", "Abgelehnt"],
        "withdrawn": ["Zurückgezogen", "Zurückgenommen"],
    }
    benefits: Mapping[str, Words] = {}
    offices: Mapping[str, Words] = {}
