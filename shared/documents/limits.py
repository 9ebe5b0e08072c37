"""What one paper may cost."""

import json
from dataclasses import asdict, dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Limits of one file; the defaults hold every photo and scan that a phone or an office makes."""

    max_bytes: int = 20 * MIB
    max_pixels: int = 100_000_000  # a JPEG's; other kinds are held whole, and memory ends sooner, near 70 million
    max_pages: int = 50
    max_output_bytes: int = 64 * MIB
    memory_bytes: int = 512 * MIB  # the child's whole address space
    seconds: int = 30  # the child's computing time; on the clock it has `PATIENCE` times as much, for busy machines

    def to_json(self) -> str:
        """Return what `from_json` reads."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Limits":
        """Read what `to_json` has written."""
        return cls(**json.loads(text))


PATIENCE = 4
DEFAULT = Limits()
