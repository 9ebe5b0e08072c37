"""Serves one service over HTTP: `python -m shared.serve booking`."""

import importlib
import signal
import sys

import uvicorn


def main(name: str) -> int:
    """Run a service until it is told to stop; 1 when one of its background tasks ended by itself."""
    settings = importlib.import_module(f"services.{name}.settings").__dict__[f"{name.capitalize()}Settings"]()
    app = importlib.import_module(f"services.{name}.main").create(settings)
    server = uvicorn.Server(
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
