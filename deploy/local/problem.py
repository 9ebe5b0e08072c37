"""What went wrong, said to a person in one sentence instead of a traceback."""

import sys
from collections.abc import Callable
from pathlib import Path


class Problem(Exception):
    """One sentence that says what is wrong and what to do about it."""


def quote_end(error: BaseException, log: Path, lines: int = 20) -> None:
    """Add the last lines of a log to an error's traceback, which may outlive the file."""
    if log.is_file():
        end = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
        error.add_note("\n".join((f"The end of {log}:", *end)))


def exit_clearly(main: Callable[[], None]) -> None:
    """Call `main`; a `Problem` becomes one sentence on standard error and exit code 1."""
    try:
        main()
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
