"""Runs Alembic histories against one database: the shared one of the messaging tables, then the service's own."""

from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

ROOT = Path(__file__).parent.parent
SHARED = (ROOT / "shared" / "migrations", "alembic_version_shared")


def own(service: str) -> tuple[Path, str]:
    """Return folder and version table of a service's own history."""
    return ROOT / "services" / service / "migrations", "alembic_version"


def script_directory(folder: Path) -> ScriptDirectory:
    """Return a history; the revisions lie in the folder itself, no env.py is needed."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("version_locations", str(folder))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def upgrade(connection: Connection, folder: Path, version_table: str) -> None:
    """Bring one history to its head."""
    script = script_directory(folder)
    heads = script.get_heads()
    if len(heads) > 1:
        raise RuntimeError(f"{folder} has several heads: {heads}. Merge them into one.")
    connection.execute(text(f"CREATE TABLE IF NOT EXISTS {version_table} (version_num varchar(32) PRIMARY KEY)"))

    def steps(revision: Any, _: Any) -> Any:  # noqa: ANN401  Alembic's own signature
        return script._upgrade_revs("heads", revision)  # noqa: SLF001  what `alembic upgrade` itself calls

    with EnvironmentContext(Config(), script, fn=steps) as context:
        context.configure(connection=connection, version_table=version_table)
        context.run_migrations()


def differences(connection: Connection, metadata: list[MetaData], version_tables: set[str]) -> list[Any]:
    """Return what the models have and the database has not, or the other way round."""

    def include(_: Any, name: str | None, kind: str, *__: Any) -> bool:  # noqa: ANN401  Alembic's own signature
        return not (kind == "table" and name in version_tables)

    context = MigrationContext.configure(
        connection, opts={"include_object": include, "compare_type": True, "target_metadata": metadata}
    )
    # A list of metadata is what `alembic check` passes too; only its annotation does not know.
    return list(compare_metadata(context, metadata))  # type: ignore[arg-type]
