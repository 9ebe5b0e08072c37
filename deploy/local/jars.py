"""Kafka's jars: pinned by hash in `kafka-jars.txt`, fetched once, each put in place whole or not at all."""

import hashlib
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.local.problem import Problem

LIST = Path(__file__).with_name("kafka-jars.txt")


@dataclass(frozen=True)
class Jar:
    """One line of the list: Maven coordinates and the SHA-256 of the file."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.artifact}-{self.version}.jar"

    def matches(self, file: Path) -> bool:
        """Whether `file` is there and is exactly this jar."""
        if not file.is_file():
            return False
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == self.sha256


def parse(text: str) -> list[Jar]:
    """Read lines of `group:artifact:version sha256`."""
    jars = []
    for number, line in enumerate(text.splitlines(), 1):
        coordinates, _, sha256 = line.partition(" ")
        match coordinates.split(":"), len(sha256):
            case [group, artifact, version], 64:
                jars.append(Jar(group, artifact, version, sha256))
            case _:
                message = f"Line {number} of the jar list is not 'group:artifact:version sha256': restore it with git."
                raise Problem(message)
    return jars


def missing(jars: Sequence[Jar], directory: Path) -> list[Jar]:
    """Return the jars that `directory` does not hold, or holds with another content."""
    return [jar for jar in jars if not jar.matches(directory / jar.name)]


def fetch(directory: Path, jars: Sequence[Jar] | None = None) -> None:
    """Make `directory` hold every jar of the list; raise a `Problem` that names the first file in the way."""
    wanted = missing(parse(LIST.read_text(encoding="ascii")) if jars is None else jars, directory)
    if not wanted:
        return
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory) as cache, ThreadPoolExecutor(8) as pool:
        try:
            for _ in pool.map(partial(_fetch, Path(cache), directory), wanted):
                pass
        except Problem:
            # One missing file is enough to give up; without a network each of the others would wait its time too.
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _fetch(cache: Path, directory: Path, jar: Jar) -> None:
    # Loaded here: once all jars are in place, no start needs the half second this import takes.
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415  slow to import, and needed only to fetch
    from jgo.maven import MavenContext  # noqa: PLC0415  likewise

    maven = MavenContext(repo_cache=cache, local_repos=[], remote_repos={"central": MAVEN_CENTRAL_URL}, timeout=30)
    try:
        file = maven.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    except (OSError, RuntimeError) as error:
        message = (
            f"Could not fetch {jar.name}, a part of Kafka: check the connection to Maven Central "
            f"(behind a proxy set HTTPS_PROXY), then start again; or put the file into {directory} yourself."
        )
        raise Problem(message) from error
    place(jar, file, directory)


def place(jar: Jar, file: Path, directory: Path) -> None:
    """Move a fetched file to where Kafka looks for it, if its content is the pinned one."""
    if not jar.matches(file):
        message = (
            f"{jar.name} was refused: its SHA-256 is not the one pinned for it, so it is damaged or not the original; "
            "start again to fetch it anew, and if that does not help, look at the mirror or proxy it came through."
        )
        raise Problem(message)
    file.replace(directory / jar.name)
