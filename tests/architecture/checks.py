"""What the architecture forbids, each as a function from a file's path and text to complaints."""

import ast
import re
from collections.abc import Iterator

LONGEST_FILE, LONGEST_MAIN = 300, 60
# What a rule may stand on: values, and nothing that reads, writes, waits or knows the time by itself.
PURE = {
    "bisect", "collections", "dataclasses", "datetime", "decimal", "enum", "functools", "itertools", "math", "pydantic",
    "re", "shared.contracts", "shared.errors", "types", "typing", "uuid", "zoneinfo",
}  # fmt: skip
PUBLISHING = {"publish", "publish_batch", "publisher", "send_and_wait"}
SQL_TIME = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(|\bcurrent_(?:timestamp|date|time)\b"
    r"|\blocaltime(?:stamp)?\b",
    re.IGNORECASE,
)
# Written so that this file does not name what it looks for.
REGISTRY_HOST = re.compile(
    r"py[p]i\.org|python[h]osted\.|npm[j]s\.|[m]aven\.(?:org|apache)|registry\.[d]ocker|repo1?\.[m]av"
)
HOME_PATH = re.compile(r"/(?:home|[U]sers)/\w|/roo[t]/|/wor[k]/(?:main|shared)\b|/tm[p]/lab\b|[A-Z]:\\\\?[U]sers")


def commits(path: str, source: str) -> Iterator[str]:
    """Only the database session commits."""
    if path == "shared/db.py":
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            yield f"{path}:{node.lineno} commits"


def publishes(path: str, source: str) -> Iterator[str]:
    """Only the relay publishes."""
    if path == "shared/relay.py":
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = {name.name for name in node.names}
        elif isinstance(node, ast.Attribute):
            names = {node.attr}
        else:
            continue
        if names & PUBLISHING or any("Producer" in name for name in names):
            yield f"{path}:{node.lineno} publishes past the outbox"


def length(path: str, source: str) -> Iterator[str]:
    """A file is short, and a composition root very short."""
    limit = LONGEST_MAIN if re.fullmatch(r"services/\w+/main\.py", path) else LONGEST_FILE
    if (lines := source.count("\n")) > limit:
        yield f"{path} has {lines} lines, {limit} are allowed"


def sql_time(path: str, source: str) -> Iterator[str]:
    """Only `shared.clock` knows the time: a database's own cannot be moved by a test."""
    for node in ast.walk(ast.parse(source)):
        if (isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_TIME.search(node.value)) or (
            isinstance(node, ast.Attribute) and SQL_TIME.search(f"{node.attr}(") and ast.unparse(node.value) == "func"
        ):
            yield f"{path}:{node.lineno} asks the database for the time"


def impure(path: str, source: str) -> Iterator[str]:
    """A `domain.py` imports nothing that does I/O."""
    if not path.endswith("/domain.py"):
        return
    for line, module in imports(source):
        if not any(module == pure or module.startswith(pure + ".") for pure in PURE):
            yield f"{path}:{line} imports {module}, rules are pure"


def strangers(path: str, source: str) -> Iterator[str]:
    """A service imports its own package and `shared`, which imports no service; neither imports what deploys them."""
    package, _, rest = path.partition("/")
    own = f"services.{rest.partition('/')[0]}" if package == "services" else "shared"
    for line, module in imports(source):
        top = module.partition(".")[0]
        foreign_service = top == "services" and not f"{module}.".startswith(f"{own}.")
        if foreign_service or top in {"deploy", "tests", "docs"}:
            yield f"{path}:{line} imports {module}"


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and full name of every imported module; `from a import b` counts as `a.b` where `a` is a package."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            packages = base in {"services", "shared", "shared.contracts"}
            yield from ((node.lineno, f"{base}.{name.name}" if packages else base) for name in node.names)


def places(path: str, source: str) -> Iterator[str]:
    """Nothing names where one machine fetches its packages, or somebody's home."""
    for number, line in enumerate(source.splitlines(), 1):
        if REGISTRY_HOST.search(line):
            yield f"{path}:{number} names a package registry's host"
        if HOME_PATH.search(line):
            yield f"{path}:{number} names a path of one machine"
