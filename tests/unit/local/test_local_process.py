"""Starting a child."""

import os
from pathlib import Path

import pytest

from deploy.local.process import spawn


async def test_a_child_that_cannot_be_started_leaves_no_pipe_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def pipe() -> tuple[int, int]:
        made.extend(ends := real())
        return ends

    real = os.pipe
    monkeypatch.setattr(os, "pipe", pipe)
    with pytest.raises(FileNotFoundError):
        await spawn(["true"], directory=tmp_path / "missing")
    assert made
    for end in made:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(end)
