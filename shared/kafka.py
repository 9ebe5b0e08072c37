"""How to reach Kafka: one translation of the settings, for producer, consumer and admin client."""

import asyncio
import ssl
from collections.abc import Coroutine
from typing import Any

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.settings import Settings

CLOSE_SECONDS = 2.0


async def started(start: Coroutine[Any, Any, None]) -> None:
    """Start a client; cancelled meanwhile, let it finish first (or fail, or have taken `CLOSE_SECONDS`).

    aiokafka forgets the connection by which it asks for the cluster when it is cancelled there: nobody could close it.
    """
    task = asyncio.ensure_future(start)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=CLOSE_SECONDS)
        if not task.cancel() and not task.cancelled():
            task.exception()  # looked at: nobody else will
        raise


def connection_settings(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments that every aiokafka client takes."""
    values: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap_servers.split(","),
        "security_protocol": settings.kafka_security_protocol,
        "client_id": settings.service or "buergernah",
    }
    values["ssl_context"] = _ssl_context(settings)
    if settings.kafka_security_protocol.startswith("SASL"):
        values |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": settings.kafka_sasl_password.get_secret_value(),
        }
    return values


def faststream_security(settings: Settings) -> BaseSecurity:
    """Return the same in FastStream's terms."""
    context = _ssl_context(settings)
    if not settings.kafka_security_protocol.startswith("SASL"):
        return BaseSecurity(ssl_context=context, use_ssl=context is not None)
    mechanism = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
    return mechanism[settings.kafka_sasl_mechanism](
        settings.kafka_sasl_username,
        settings.kafka_sasl_password.get_secret_value(),
        ssl_context=context,
        use_ssl=context is not None,
    )


def _ssl_context(settings: Settings) -> ssl.SSLContext | None:
    if not settings.kafka_security_protocol.endswith("SSL"):
        return None
    return ssl.create_default_context(cafile=settings.kafka_ca_file)
