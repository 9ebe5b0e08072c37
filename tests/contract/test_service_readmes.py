"""Each service's README lists the events that the code publishes and handles."""

import re
from pathlib import Path

import pytest

from deploy.migrate import SERVICES
from docs.generators import topology

TYPE = re.compile(r"`([a-z]+\.[a-z-]+\.v[0-9]+)`")


def section(service: str, title: str) -> set[str]:
    text = (Path("services") / service / "README.md").read_text(encoding="utf-8")
    [found] = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return set(TYPE.findall(found))


@pytest.mark.parametrize("service", SERVICES)
def test_it_lists_what_the_service_publishes(service: str) -> None:
    assert section(service, "Publishes") == {event.type for event in topology.published_by(service)}


@pytest.mark.parametrize("service", SERVICES)
def test_it_lists_what_the_service_listens_to(service: str) -> None:
    assert section(service, "Listens to") == {event.type for event in topology.heard_by(service)}
