"""A dashboard asks only for metrics that the code defines."""

import importlib

import pytest
from prometheus_client import REGISTRY

from deploy.migrate import SERVICES
from tests.harness import dashboards

SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_count", "_sum"),
    "summary": ("_count", "_sum"),
}
OF_PROMETHEUS = {"up"}


def defined() -> set[str]:
    """Return the names under which the services' metrics are read."""
    for service in SERVICES:
        importlib.import_module(f"services.{service}.main")
    found = {family.name + suffix for family in REGISTRY.collect() for suffix in SUFFIXES.get(family.type, ())}
    return found | OF_PROMETHEUS


@pytest.mark.parametrize("query", dashboards.queries())
def test_every_metric_of_a_panel_is_one_that_the_code_defines(query: str) -> None:
    names = dashboards.metrics_in(query)
    assert names, "a query without a metric shows nothing"
    assert names <= defined()


def test_an_invented_metric_would_be_seen() -> None:
    query = 'sum by (job, le) (rate(invented_total{job="booking"}[$__rate_interval])) or 0 * up'
    assert dashboards.metrics_in(query) - defined() == {"invented_total"}
    assert "outbox_row" not in defined()
    assert "outbox_rows" in defined()
