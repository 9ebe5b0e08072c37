"""Reading metrics: of this process, or from what a process shows at /metrics."""

from collections.abc import Iterable

import httpx
from prometheus_client import REGISTRY, Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.harness.installation import Installation


async def page(installation: Installation, service: str) -> str:
    """Return what a process shows at /metrics."""
    async with httpx.AsyncClient(base_url=installation.url(service), trust_env=False, timeout=30) as client:
        return (await client.get("/metrics")).text


def value(name: str, page: str | None = None, **labels: str) -> float:
    """Return the sum of a metric's samples that have these labels; 0 when there is none yet."""
    families: Iterable[Metric] = REGISTRY.collect() if page is None else text_string_to_metric_families(page)
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )
