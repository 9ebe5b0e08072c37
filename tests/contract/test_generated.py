"""The generated pages and contracts are those of this code."""

from pathlib import Path

import pytest

from docs import generate


def test_what_is_generated_is_what_is_stored(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0, capsys.readouterr().err


def test_a_page_that_differs_is_named(tmp_path: Path) -> None:
    fresh, old, missing = tmp_path / "fresh.md", tmp_path / "old.md", tmp_path / "missing.md"
    fresh.write_text("as generated\n", encoding="utf-8")
    old.write_text("as it was\n", encoding="utf-8")
    assert generate.stale(dict.fromkeys((fresh, old, missing), "as generated\n")) == [old, missing]


def test_a_stale_page_fails_the_check_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "pages", lambda: {Path("docs/events.md"): "something else"})
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().err == "docs/events.md is stale: run `make docs` and commit the result.\n"


def test_generating_twice_gives_the_same() -> None:
    assert generate.pages() == generate.pages()


def test_no_page_names_this_machine() -> None:
    here = str(Path.cwd())
    assert [file for file, text in generate.pages().items() if here in text] == []
