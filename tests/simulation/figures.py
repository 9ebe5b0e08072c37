"""How right what people were told was, and how long appointments were delayed. In minutes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean

from services.booking.domain import Range

NOTICED = 2  # who waits no longer than that was called more or less at once


@dataclass(frozen=True)
class Told:
    """What somebody without an appointment was told, by us and by the formula of ZMS, and how it was."""

    shown: Range
    formula: float
    waited: float

    @property
    def right(self) -> bool:
        return self.shown.from_minutes <= self.waited <= self.shown.to_minutes

    @property
    def width(self) -> int:
        return self.shown.to_minutes - self.shown.from_minutes

    @property
    def error(self) -> float:
        return abs((self.shown.from_minutes + self.shown.to_minutes) / 2 - self.waited)

    @property
    def formula_error(self) -> float:
        return abs(self.formula - self.waited)


@dataclass
class Figures:
    """Of some simulated days. `delays`: of appointments whose people came in time. `untold`: how many, by reason."""

    delays: list[float] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    untold: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, days: Iterable["Figures"]) -> "Figures":
        """Put the figures of several days together."""
        whole = cls()
        for day in days:
            whole.delays += day.delays
            whole.told += day.told
            whole.untold += day.untold
        return whole

    def delay(self, part: float) -> float:
        """Return the delay that so large a part of the appointments does not exceed."""
        return sorted(self.delays)[int(part * len(self.delays))]

    @property
    def right(self) -> float:
        """The part of those who were told a range that waited so long."""
        return fmean(one.right for one in self.told)

    @property
    def right_of_long(self) -> float:
        """The same of those who did wait: nobody has to be told much who is called at once."""
        return fmean(one.right for one in self.told if one.waited > NOTICED)

    @property
    def waited(self) -> float:
        return fmean(one.waited for one in self.told)

    @property
    def width(self) -> float:
        return fmean(one.width for one in self.told)

    @property
    def error(self) -> float:
        return fmean(one.error for one in self.told)

    @property
    def formula_error(self) -> float:
        return fmean(one.formula_error for one in self.told)

    @property
    def untold_part(self) -> float:
        return self.untold.total() / (len(self.told) + self.untold.total())
