"""Serves one service over HTTP: `python -m shared.serve booking`."""

import importlib
import signal
import socket
import sys

import uvicorn
from pydantic import ValidationError

from shared.settings import BadSetting, Settings


class _Server(uvicorn.Server):
    """Tells the service that it is to stop before it waits for the answers under way: some would never end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.state.service.stopping.set()  # type: ignore[union-attr]
        await super().shutdown(sockets)


def main(name: str) -> int:
    """Run a service until it is told to stop; 1 when one of its background tasks ended by itself."""
    settings_class = importlib.import_module(f"services.{name}.settings").__dict__[f"{name.capitalize()}Settings"]
    try:
        settings = settings_class()
        app = importlib.import_module(f"services.{name}.main").create(settings)
    except (ValidationError, BadSetting, OSError) as error:
        sys.stderr.write(f"{name} cannot start. {sentence(error, settings_class)}\n")
        return 1
    server = _Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    )
    # uvicorn stops at these signals and then raises them again, which would end the process before its exit code.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server.run()
    return int(bool(app.state.service.background.dead) or not server.started)


def sentence(error: Exception, settings_class: type[Settings]) -> str:
    """Say which setting is wrong and what it is for, without any value: it may be a secret."""
    if isinstance(error, OSError):
        return f"A file that a setting names cannot be read: {error}."
    if not isinstance(error, ValidationError):
        return str(error)
    wrong = error.errors(include_input=False)[0]
    field = str(wrong["loc"][0])
    if wrong["type"] == "missing":
        return f"{field.upper()} or {field.upper()}_FILE must be set. {settings_class.model_fields[field].description}"
    return f"{field.upper()} cannot be used: {wrong['msg']}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
