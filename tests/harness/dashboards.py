"""What the dashboards in `deploy/grafana` ask Prometheus."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path("deploy/grafana/dashboards")
# What is no metric: texts, labels in braces and lists, ranges, functions, words of the language, numbers.
_OTHER = re.compile(
    r'"[^"]*"|\{[^}]*\}|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)|\[[^\]]*\]|\b\w+(?=\s*\(|\s+(?:by|without)\b)'
    r"|\b(?:and|or|unless|offset|bool|by|without)\b|\$\w+|\b\d[\w.]*\b"
)


def queries() -> list[str]:
    """Return every query of every panel."""
    boards = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))]
    return [target["expr"] for board in boards for panel in _panels(board["panels"]) for target in panel["targets"]]


def metrics_in(query: str) -> set[str]:
    """Return the names of the metrics that a query reads."""
    return set(re.findall(r"[a-zA-Z_:][\w:]*", _OTHER.sub(" ", query)))


def _panels(panels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for panel in panels:
        if panel["type"] == "row":
            yield from _panels(panel.get("panels", []))
        else:
            yield panel
