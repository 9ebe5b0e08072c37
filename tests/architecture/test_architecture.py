"""The architecture, checked: each rule on every file it is about, and on an example that breaks it."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.migrate import SERVICES
from tests.architecture import checks

Check = Callable[[str, str], Iterator[str]]
CODE = ("services/", "shared/")

# check, where it holds, a path and text that break it, and a text that does not
RULES: list[tuple[Check, tuple[str, ...], str, str, str]] = [
    (checks.commits, CODE, "services/a/web.py", "await session.connection.commit()", "await session.execute(x)"),
    (checks.commits, CODE, "services/a/web.py", "finish = connection.commit", "committed = True"),
    (checks.publishes, CODE, "services/a/web.py", "await broker.publish(x)", "outbox.add(session, event)"),
    (
        checks.publishes,
        CODE,
        "shared/b.py",
        "from aiokafka import AIOKafkaProducer",
        "from aiokafka import ConsumerRecord",
    ),
    (checks.publishes, CODE, "shared/b.py", "import aiokafka\naiokafka.AIOKafkaProducer()", "session.published = True"),
    (checks.length, ("",), "shared/b.py", "x = 1\n" * 301, "x = 1\n" * 300),
    (checks.length, ("",), "services/a/main.py", "x = 1\n" * 61, "x = 1\n" * 60),
    (checks.sql_time, CODE, "services/a/queries.py", 'text("SELECT now ()")', "clock.now()"),
    (checks.sql_time, CODE, "services/a/queries.py", "where(x < func.now())", "where(x < func.max(y))"),
    (checks.sql_time, CODE, "services/a/models.py", 'text("DEFAULT current_timestamp")', 'text("DEFAULT 0")'),
    (checks.impure, CODE, "services/a/domain.py", "from sqlalchemy import text", "from datetime import date"),
    (checks.impure, CODE, "services/a/domain.py", "from shared import clock", "from shared.errors import Invalid"),
    (checks.impure, CODE, "services/a/domain.py", "import asyncio", "from collections.abc import Sequence"),
    (checks.strangers, CODE, "services/a/web.py", "from services.b import models", "from services.a import models"),
    (checks.strangers, CODE, "services/a/web.py", "from services import ab", "from services import a"),
    (checks.strangers, CODE, "shared/b.py", "import services.a", "import shared.db"),
    (checks.strangers, CODE, "services/a/web.py", "from tests.harness import x", "from shared import clock"),
]


def tracked() -> list[str]:
    """Return what git keeps, and what it would: a new file is checked before it is added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sorted(path for path in set(listed.splitlines()) if Path(path).is_file())


def ids(value: object) -> str:
    return getattr(value, "__name__", "") if callable(value) else ""


@pytest.mark.parametrize("check", dict.fromkeys(rule[0] for rule in RULES), ids=ids)
def test_every_file_keeps_the_rule(check: Check) -> None:
    prefixes = next(rule[1] for rule in RULES if rule[0] is check)
    files = [path for path in tracked() if path.endswith(".py") and path.startswith(prefixes)]
    assert len(files) > 50
    assert [c for path in files for c in check(path, Path(path).read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(("check", "_where", "path", "broken", "kept"), RULES)
def test_the_rule_knows_broken_from_kept(check: Check, _where: object, path: str, broken: str, kept: str) -> None:
    assert len(list(check(path, broken))) >= 1
    assert list(check(path, kept)) == []


def test_the_one_place_that_may_is_left_alone() -> None:
    assert list(checks.commits("shared/db.py", "connection.commit()")) == []
    assert list(checks.publishes("shared/relay.py", "from aiokafka import AIOKafkaProducer")) == []


def missing_parts(service: Path) -> list[str]:
    parts = ("__init__.py", "README.md", "main.py", "settings.py", "migrations/__init__.py")
    return [part for part in parts if not (service / part).is_file()]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_files_that_every_service_has(service: str) -> None:
    assert missing_parts(Path("services") / service) == []


def test_a_service_without_them_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "main.py").touch()
    assert missing_parts(tmp_path) == ["__init__.py", "README.md", "settings.py", "migrations/__init__.py"]


def test_every_folder_of_services_is_a_service_that_is_migrated() -> None:
    assert {folder.parent.name for folder in Path("services").glob("*/__init__.py")} == set(SERVICES)


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    complaints = []
    for path in tracked():
        try:
            text = Path(path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a font
        complaints += list(checks.places(path, text))
    assert complaints == []


@pytest.mark.parametrize(
    "line", ["https://py" + "pi.org/simple", "files.python" + "hosted.org", "repo1.ma" + "ven.org", "/ho" + "me/anna/x",
             "/ro" + "ot/x", "/Us" + "ers/anna", "/wo" + "rk/main/x"],
)  # fmt: skip
def test_a_file_that_did_would_be_seen(line: str) -> None:
    assert len(list(checks.places("a.txt", f"first\nsee {line} for more\n"))) == 1
