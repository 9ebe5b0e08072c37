"""What changes in a plan, and what is wrong with one, in the words of a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from babel.dates import format_date, get_day_names

from services.gateway import plan_forms
from services.gateway.moments import clock_time
from services.gateway.render import N_, Problem, pick, translate
from shared import languages

DASH = "\N{EN DASH}"
_WHAT = {
    "team": N_("Team"), "name": N_("Name"), "walk-in": N_("without an appointment"), "exceptions": N_("Other hours"),
    "kept-desks": N_("Desks kept for phone and counter"), "concerns": N_("Concerns"), "desks": N_("Desks"),
    "closures": N_("Closed days"),
}  # fmt: skip
_RULES = {
    "minutes": N_("%(n)s minutes"), "lead_days": N_("%(n)s days' notice"), "horizon_days": N_("%(n)s days ahead"),
}  # fmt: skip
_WRONG = {
    "overlap": N_("These overlap. Please make one of both, or shorten one."),
    "closes-first": N_("The end must be later than the beginning."),
    "ends-first": N_("The last day must not be before the first."),
    "clock-time": N_("Please give a time such as 08:00."),
    "time": N_("Please give a time such as 08:00."),
    "date": N_("Please give a day."),
    "too-short": N_("Please choose at least one day."),
    "no-hours": N_("Please give hours: a row with days, beginning and end."),
    "no-concerns": N_("Please choose at least one concern."),
    "no-desks": N_("Please name at least one desk."),
    "no-team": N_("An office has at least one team."),
    "no-name": N_("Please give the new team a name."),
    "same-name": N_("There is a team of this name already. Please give another name."),
    "not-added": N_("Please press the button that adds this team, or empty its name."),
    "twice": N_("A name stands here twice. Please take one away."),
    "kept-too-many": N_("At least one desk of the team must be left for booking online."),
    "unknown-concern": N_("This concern is not known. Please choose others."),
    "horizon": N_("It must be possible to book at least as many days ahead as are needed as notice."),
    "int": N_("Please give a whole number."),
    "greater": N_("This number is too small."),
    "less": N_("This number is too large."),
}
_GAPS = {
    "holiday": N_("public holiday"), "closure": N_("office closed"), "closed": N_("nobody there on this day"),
    "walk-in-only": N_("hours without appointments"), "no-desk": N_("its desk is gone"),
    "no-team": N_("no team for it"),
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """Puts an office's plans into words; `teams`: what they are called, by language; `concerns`: all there are."""

    language: str
    teams: Mapping[str, Mapping[str, str]]
    concerns: Mapping[str, Mapping[str, Any]]

    def team(self, id_: str) -> str:
        """Return what a team is called."""
        return str(pick(self.teams.get(id_, {}), self.language) or id_)

    def say(self, text: str, **values: object) -> str:
        """Translate."""
        return translate(self.language, text, **values)

    def change(self, one: Mapping[str, Any]) -> tuple[str, str, str]:
        """Return of a change: what it is about, until now, and new."""
        before, after = (", ".join(self._item(one["what"], item) for item in one[at]) for at in ("before", "after"))
        nothing = self.say(N_("nothing"))
        return self._about(one), before or nothing, after or nothing

    def gap(self, reason: str) -> str:
        """Return why nobody would be there."""
        return self.say(_GAPS.get(reason, N_("outside the hours")))

    def day(self, name: str) -> str:
        """Return the name of a weekday."""
        return str(get_day_names("wide", locale=languages.locale(self.language))[plan_forms.WEEKDAYS.index(name)])

    def problem(self, error: Mapping[str, str]) -> Problem:
        """Return what booking says of a field, where it is shown."""
        rule, place = error["rule"], error["field"].split(".")
        told = next((text for start, text in _WRONG.items() if rule.startswith(start)), N_("Please check this."))
        field = plan_forms.field_of(error["field"])
        if place[-1] == "reason" or "reason" in place:
            told, field = N_("Please give a reason, without special characters."), f"{field}.{self.language}"
        where = f"{self.team(place[1])}: " if place[0] == "teams" and len(place) > 1 else ""
        return Problem(field, where + self.say(told))

    def _about(self, one: Mapping[str, Any]) -> str:
        parts = [self.team(one["team"])] if one["team"] else []
        if one["concern"]:
            parts.append(self._concern(one["concern"]))
        if one["day"]:
            parts.append(self.day(one["day"]))
        if one["what"] in _WHAT:
            parts.append(self.say(_WHAT[one["what"]]))
        return ", ".join(parts)

    def _item(self, what: str, item: Any) -> str:  # noqa: ANN401  a piece of a document
        if what in {"hours", "walk-in"}:
            return self._window(*item)
        if what == "concerns":
            return self._concern(item)
        if what == "rules":
            return ", ".join(self.say(_RULES[name], n=number) for name, number in item.items()) or self.say(
                N_("as usual")
            )
        if what in {"exceptions", "closures"}:
            hours = [self._window(one["from"], one["to"]) for one in item.get("hours", ())]
            return f"{self._days(item)}{': ' if hours else ''}{', '.join(hours)}"
        if what == "name":
            return ", ".join(item.values())
        return self.team(item) if what == "team" else str(item)

    def _concern(self, id_: str) -> str:
        return str(pick(self.concerns[id_]["name"], self.language)) if id_ in self.concerns else id_

    def _days(self, item: Mapping[str, str]) -> str:
        ends = dict.fromkeys(
            str(format_date(date.fromisoformat(item[at]), "medium", locale=languages.locale(self.language)))
            for at in ("from", "to")
        )
        return DASH.join(ends)

    def _window(self, opens: str, closes: str) -> str:
        return DASH.join(clock_time(time.fromisoformat(at), self.language) for at in (opens, closes))
