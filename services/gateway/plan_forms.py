"""The plan editor's form: a plan's document as fields, named by their place in it, and back. Nothing is stored.

What somebody typed stays as it is: booking says what is wrong with it, by the same names.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEEPEST = 7
MOST_DIGITS = 4  # of the number of a row
NEW_TEAM = "new-team"
BLANK_WINDOW = {"from": "", "to": ""}
Document = dict[str, Any]
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_OTHER_LETTERS = re.compile(r"[^a-z0-9]+")


def to_form(document: Document, desks: Mapping[str, Sequence[str]]) -> Document:
    """Return a stored plan as the form shows it: with the names of all desks."""
    teams = {name: {"name": {}, **team, "desks": list(desks.get(name, ()))} for name, team in document["teams"].items()}
    return {**document, "teams": teams, "concerns": document.get("concerns", {})}


def read(form: Mapping[str, str]) -> Document:
    """Return the plan that a form tells; rows in which everything is empty are left out."""
    tree = _tree(form)
    return {
        "teams": {name: _team(_dict(team)) for name, team in _dict(tree.get("teams")).items()},
        "closures": [_days(row) for row in _rows(tree.get("closures")) if _is_filled(row)],
        "concerns": {
            id_: changed for id_, rules in _dict(tree.get("concerns")).items() if (changed := _texts(_dict(rules)))
        },
    }


def new_team(form: Mapping[str, str]) -> dict[str, str]:
    """Return how somebody wants to call a team to be added, by language."""
    return _texts(_dict(_tree(form).get(NEW_TEAM)))


def add_team(document: Document, names: Mapping[str, str], called: Iterable[str]) -> str:
    """Add a team with nothing but its name and a row for its hours; return what is wrong, if anything.

    `called`: what the teams are called that there are.
    """
    if not names:
        return "no-name"
    if {name.casefold() for name in names.values()} & {name.casefold() for name in called}:
        return "same-name"
    teams = document["teams"]
    id_ = base = next(filter(None, map(_slug, names.values())), "team")  # nothing is left of one without such letters
    for number in range(2, len(teams) + 2):
        if id_ not in teams:
            break
        id_ = f"{base}-{number}"
    teams[id_] = _team({}) | {"name": dict(names), "hours": [{**BLANK_WINDOW, "days": []}]}
    return ""


def carried(form: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a plan, to be sent along by another page."""
    return {name: text for name, text in form.items() if "." in name}


def add_row(document: Document, path: str) -> None:
    """Add an empty row to the list at a place, if there is one: `teams.<team>.hours`, say."""
    found: Any = document
    for step in path.split("."):
        if isinstance(found, list) and _is_number(step) and int(step) < len(found):
            found = found[int(step)]
        elif isinstance(found, dict) and step in found:
            found = found[step]
        else:
            return
    if isinstance(found, list):
        kind = path.rpartition(".")[2]
        found.append({**BLANK_WINDOW, "days": [], "hours": [dict(BLANK_WINDOW)] * (kind == "exceptions"), "reason": {}})


def field_of(path: str) -> str:
    """Return the id of the input at which something that booking says of a place in a document is shown."""
    parts = path.split(".")
    for number, part in enumerate(parts):
        if part in {"desks", "kept_desks"} or (part == "concerns" and number):
            return ".".join(parts[: number + 1])
    if parts[-1].isdigit():
        return f"{path}.from"
    if "days" in parts:
        return ".".join(parts[: parts.index("days")]) + ".mon"
    return path


def _slug(name: str) -> str:
    """Return an id made of a name: `Außenstelle Süd` → `aussenstelle-sued`; empty where it has no such letters."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_UMLAUTS)).encode("ascii", "ignore").decode()
    return _OTHER_LETTERS.sub("-", plain).lstrip("-0123456789")[:36].rstrip("-")


def _team(team: Mapping[str, Any]) -> Document:
    return {
        "name": _texts(_dict(team.get("name"))),
        "concerns": list(_dict(team.get("concerns"))),
        "hours": [_hours(row) for row in _rows(team.get("hours")) if _is_filled(row)],
        "exceptions": [
            _days(row) | {"hours": [_window(one) for one in _rows(row.get("hours")) if _is_filled(one)]}
            for row in _rows(team.get("exceptions"))
            if _is_filled(row)
        ],
        "walk_in": [_hours(row) for row in _rows(team.get("walk_in")) if _is_filled(row)],
        "kept_desks": _text(team, "kept_desks") or 0,
        "desks": [name.strip() for name in _text(team, "desks").splitlines() if name.strip()],
    }


def _hours(row: Mapping[str, Any]) -> Document:
    return {"days": [day for day in WEEKDAYS if day in row], **_window(row)}


def _days(row: Mapping[str, Any]) -> Document:
    return _window(row) | {"reason": _texts(_dict(row.get("reason")))}


def _window(row: Mapping[str, Any]) -> Document:
    return {name: _text(row, name) for name in ("from", "to")}


def _is_filled(row: Mapping[str, Any]) -> bool:
    return bool(_text(row, "from") or _text(row, "to"))


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: text for name in row if (text := _text(row, name))}


def _rows(value: object) -> list[Mapping[str, Any]]:
    rows = [(int(key), _dict(row)) for key, row in _dict(value).items() if _is_number(key)]
    return [row for _, row in sorted(rows, key=lambda one: one[0])]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _tree(form: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields as they lie in each other; a name that fits nowhere is left out."""
    tree: dict[str, Any] = {}
    for name, text in form.items():
        *path, last = name.split(".", DEEPEST)
        inner: Any = tree
        for step in path:
            inner = inner.setdefault(step, {}) if isinstance(inner, dict) else None
        if isinstance(inner, dict) and path:
            inner.setdefault(last, text)
    return tree
