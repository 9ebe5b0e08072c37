"""Settings come from the environment, and from the file that `<NAME>_FILE` names."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.booking.settings import BookingSettings
from shared.settings import Settings


@pytest.fixture(autouse=True)
def a_clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LINK_SECRET", "LINK_SECRET_FILE", "DATABASE_URL", "DATABASE_URL_FILE", "PORT", "PORT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IDENTITY_PUBLIC_KEYS", "checked by whoever uses them")


def test_a_secret_is_read_from_its_file_without_the_newline_that_editors_add(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("geheim ü\n", encoding="utf-8")
    monkeypatch.setenv("LINK_SECRET_FILE", str(tmp_path / "secret"))
    assert BookingSettings().link_secret.get_secret_value() == "geheim ü"


def test_a_file_wins_over_a_value_in_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file", encoding="utf-8")
    monkeypatch.setenv("LINK_SECRET", "from the environment")
    monkeypatch.setenv("LINK_SECRET_FILE", str(tmp_path / "secret"))
    assert BookingSettings().link_secret.get_secret_value() == "from the file"


def test_any_setting_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "port").write_text("8123\n", encoding="utf-8")
    monkeypatch.setenv("PORT_FILE", str(tmp_path / "port"))
    assert Settings().port == 8123


def test_the_services_name_may_stand_in_the_path_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret-of-booking").write_text("its own", encoding="utf-8")
    monkeypatch.setenv("LINK_SECRET_FILE", str(tmp_path / "secret-of-{service}"))
    assert BookingSettings().link_secret.get_secret_value() == "its own"


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LINK_SECRET_FILE", str(tmp_path / "missing"))
    with pytest.raises(OSError, match="missing"):
        BookingSettings()


def test_a_setting_without_a_value_is_named() -> None:
    with pytest.raises(ValidationError, match="link_secret"):
        BookingSettings()


def test_a_wrong_setting_is_not_repeated_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://booking:geheim@db/booking")
    monkeypatch.setenv("PORT", "geheim")
    with pytest.raises(ValidationError) as refusal:
        BookingSettings()
    assert "port" in str(refusal.value)
    assert "geheim" not in str(refusal.value)


def test_secrets_do_not_show_up_where_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINK_SECRET", "geheim")
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://booking:geheim@db/{service}")
    settings = BookingSettings()
    assert "geheim" not in repr(settings)
    assert settings.database == "postgresql+asyncpg://booking:geheim@db/booking"
    assert settings.database_of("cards").endswith("/cards")
