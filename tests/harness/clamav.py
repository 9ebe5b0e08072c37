"""ClamAV's daemon on a Unix socket, with one signature of its own: EICAR, wherever it stands."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shared.documents.scanner import Scanner, scanner_from
from tests.harness.hostile.kinds import EICAR
from tests.harness.waiting import eventually

CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin:/usr/bin")
CONFIGURATION = """\
Foreground yes
LocalSocket {folder}/clamd.sock
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
StreamMaxLength 25M
MaxThreads 2
ConcurrentDatabaseReload no
"""


@asynccontextmanager
async def clamd(folder: Path) -> AsyncIterator[Scanner]:
    """Start it with its files in `folder` (a short path: it is a socket's), and end it."""
    assert CLAMD
    signatures = folder / "signatures"
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"Test.Eicar:0:*:{EICAR.hex()}\n", encoding="ascii")
    configuration = folder / "clamd.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder), encoding="ascii")
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        CLAMD, "--config-file", str(configuration), stdout=quiet, stderr=quiet, cwd=folder
    )
    try:

        async def listening() -> bool:
            assert process.returncode is None, "clamd has ended"
            return (folder / "clamd.sock").exists()

        await eventually(listening, within=60)
        scanner = scanner_from(f"unix://{folder}/clamd.sock")
        assert scanner
        yield scanner
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
