"""What went wrong, said to a person in one sentence instead of a traceback."""

import sys
from collections.abc import Callable


class Problem(Exception):
    """One sentence that says what is wrong and what to do about it."""


def exit_clearly(main: Callable[[], None]) -> None:
    """Call `main`; a `Problem` becomes one sentence on standard error and exit code 1."""
    try:
        main()
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
