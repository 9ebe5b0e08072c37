"""What somebody saw of an application before they pressed, so that a page can say what has happened since.

It travels through forms as one word: version, number of steps, and the state of each paper, as `7_3_ausweis.open`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Application = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """What was seen. Of what cannot be read, nothing was."""

    version: int = -1
    steps: int = -1
    items: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, word: str) -> "Seen":
        """Read the word of a form."""
        version, _, rest = word.partition("_")
        steps, _, papers = rest.partition("_")
        if not (_is_number(version) and _is_number(steps)):
            return cls()
        pairs = (paper.partition(".") for paper in papers.split("_") if paper)
        return cls(int(version), int(steps), tuple((item, state) for item, _, state in pairs))

    @property
    def is_known(self) -> bool:
        """Whether anything was seen."""
        return self.version >= 0

    def new_steps(self, now: Application) -> Sequence[Mapping[str, Any]]:
        """Return the steps since then."""
        steps: Sequence[Mapping[str, Any]] = now["history"][self.steps :] if self.is_known else []
        return steps

    def new_papers(self, now: Application) -> list[Mapping[str, Any]]:
        """Return the papers that are in another state since then."""
        before = dict(self.items)
        return [item for item in now["items"] if self.is_known and before.get(item["id"]) != item["state"]]


def word(application: Application) -> str:
    """Return what is seen now as a word for a form."""
    papers = [f"{item['id']}.{item['state']}" for item in application["items"]]
    return "_".join([str(application["version"]), str(len(application["history"])), *papers])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004  fits into applications' own
