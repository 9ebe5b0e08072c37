"""The containers: all services are there, each gets only its own secrets, and only doors for people are open."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.migrate import SERVICES

COMPOSE: dict[str, Any] = yaml.safe_load(Path("docker-compose.yml").read_text(encoding="utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
PARTS = {"migrate", "postgres", "kafka", "mailpit", "prometheus", "grafana"}
OWN_SECRETS = {
    "gateway": {"identity-private-key.pem"},
    "booking": {"identity-public-keys.pem", "link-secret"},
    "applications": {"identity-public-keys.pem", "access-secret", "document-keys"},
}


def secrets_of(container: str) -> set[str]:
    return set(CONTAINERS[container].get("secrets", []))


def test_all_services_and_nothing_unknown_is_there() -> None:
    assert set(CONTAINERS) == {*SERVICES, *PARTS}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_built_from_its_own_lock_and_code(service: str) -> None:
    assert CONTAINERS[service]["build"]["args"] == {"SERVICE": service}
    assert CONTAINERS[service]["build"]["target"] == "service"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_gets_its_own_database_role_and_nothing_that_is_anothers(service: str) -> None:
    own = OWN_SECRETS.get(service, {"identity-public-keys.pem"})
    assert secrets_of(service) == {f"database-url-{service}", *own}


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_file_that_a_setting_names_is_mounted(container: str) -> None:
    settings = CONTAINERS[container]
    named = {value for value in settings.get("environment", {}).values() if str(value).startswith("/run/secrets/")}
    mounted = {f"/run/secrets/{secret}" for secret in secrets_of(container)}
    of_each = "/run/secrets/database-url-{service}"
    urls = {name for name in mounted if "/database-url-" in name} if of_each in named else set()
    assert named - {of_each} == mounted - urls
    assert bool(urls) == (of_each in named)


def test_only_the_migrate_step_gets_the_owner_and_every_role() -> None:
    urls = {f"database-url-{service}" for service in SERVICES}
    assert secrets_of("migrate") == urls | {"database-admin-url", "database-owner-url"}


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_can_do_no_more_than_it_must(container: str) -> None:
    settings = CONTAINERS[container]
    assert settings["read_only"] is True
    assert settings["cap_drop"] == ["ALL"]
    assert settings["security_opt"] == ["no-new-privileges:true"]
    assert "healthcheck" in settings or container == "migrate"
    assert not {"privileged", "cap_add", "network_mode", "pid"} & set(settings)


@pytest.mark.parametrize("container", CONTAINERS)
def test_only_doors_for_people_are_open_and_only_on_this_machine(container: str) -> None:
    doors = CONTAINERS[container].get("ports", [])
    assert bool(doors) == (container in {"gateway", "mailpit", "prometheus", "grafana"})
    assert all(re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z]+_PORT:-\d+\}:\d+", door) for door in doors)


def test_foreign_images_have_a_version() -> None:
    images = [settings["image"] for settings in CONTAINERS.values() if "image" in settings]
    assert len(images) == len(PARTS - {"migrate"})
    assert [image for image in images if not re.search(r":v?\d+(\.\d+)*$", image)] == []


def test_the_script_makes_every_secret() -> None:
    script = Path("deploy/secrets.sh").read_text(encoding="utf-8").replace('database-url-$service"', "")
    made = set(re.findall(r"keep ([\w.-]+)", script)) | {f"database-url-{service}" for service in SERVICES}
    assert set(COMPOSE["secrets"]) == made
    assert f"for service in {' '.join(SERVICES)};" in script


def test_prometheus_asks_every_service() -> None:
    config = yaml.safe_load(Path("deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    asked = {job["job_name"]: job["static_configs"] for job in config["scrape_configs"]}
    assert asked == {service: [{"targets": [f"{service}:8000"]}] for service in SERVICES}
