"""Writes the reference pages from the code: `python -m docs.generate`; with `--check`, says which of them are stale."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from docs.generators import asyncapi, configuration, events, schemas
from docs.generators.compatibility import compatible, refusal
from docs.generators.topology import EVENTS
from services.gateway.main import create
from services.gateway.settings import GatewaySettings
from shared.events import Event
from shared.identity import new_private_key


def pages() -> dict[Path, str]:
    """Return what every generated file should hold."""
    found = {schemas.schema_file(type_): as_json(schemas.stored_schema(event)) for type_, event in EVENTS.items()}
    return found | {
        Path("docs/configuration.md"): configuration.page(),
        Path(".env.example"): configuration.env_example(),
        Path("docs/events.md"): events.page(),
        Path("docs/asyncapi.json"): as_json(asyncapi.document()),
        Path("docs/openapi.json"): as_json(openapi()),
    }


def openapi() -> dict[str, Any]:
    """Return the description of the public API."""
    key = SecretStr(new_private_key())  # the gateway cannot be put together without one
    return create(GatewaySettings(identity_private_key=key)).openapi()


def as_json(document: Mapping[str, Any]) -> str:
    """Return a document as it is stored."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def draft_examples() -> list[Path]:
    """Write an example for each event that has none; never touch one that is there."""
    missing = missing_examples()
    for file, event in missing.items():
        file.write_text(as_json(schemas.draft_example(event)), encoding="utf-8")
    return list(missing)


def missing_examples() -> dict[Path, type[Event]]:
    """Return where the example of each event that has none belongs."""
    files = {schemas.example_file(type_): event for type_, event in EVENTS.items()}
    return {file: event for file, event in files.items() if not file.exists()}


def broken_promises() -> list[str]:
    """Say of every stored schema that the code no longer keeps what is wrong."""
    found = []
    for file in sorted(schemas.FOLDER.glob("*.v*.json")):
        if file.name.endswith(".example.json"):
            continue
        event = EVENTS.get(file.stem)
        if event is None:
            found.append(f"{file.stem} is stored in {file}, but no class in shared/contracts has this type any more.")
        elif problems := compatible(schemas.read(file), schemas.stored_schema(event)):
            found.append(refusal(file.stem, problems))
    return found


def stale(expected: Mapping[Path, str]) -> list[Path]:
    """Return the files that do not hold what they should."""
    return [file for file, text in expected.items() if not file.exists() or file.read_text(encoding="utf-8") != text]


def main(arguments: Sequence[str]) -> int:
    """Write or check; returns the exit code."""
    if broken := broken_promises():
        return _fail(broken)
    if "--check" in arguments:
        if missing := missing_examples():
            return _fail([f"{file} is missing: run `make docs`." for file in missing])
        return _fail([f"{file} is stale: run `make docs` and commit the result." for file in stale(pages())])
    for file in draft_examples():
        sys.stdout.write(f"{file} is a draft: put in sensible values.\n")
    expected = pages()
    for file in stale(expected):
        file.write_text(expected[file], encoding="utf-8")
        sys.stdout.write(f"{file} written\n")
    return 0


def _fail(sentences: Sequence[str]) -> int:
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    return int(bool(sentences))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
