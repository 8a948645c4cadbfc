"""The servers in one process on 127.0.0.1: `serve` inside a test, `run` from the command line."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from sandbox.ca import ca_app
from sandbox.dms import dms_app
from sandbox.opencps import opencps_app
from sandbox.portal import portal_app
from sandbox.province import Province

HOST = "127.0.0.1"
SOURCES = ("portal", "dms", "ca")
# Another door to the portal's records: one province has one of the two.
OPENCPS = "opencps"
# For tests and for `make run`; a real source's secrets never look like these.
SECRETS = {
    "portal_token": "sandbox-portal",
    "opencps_token": "sandbox-opencps",
    "dms_key": "sandbox-dms",
    "ca_login": "sandbox:sandbox-ca",
}
_PATIENCE = 20.0


def application(province: Province, secrets: Mapping[str, str]) -> FastAPI:
    """The sources under /portal, /opencps, /dms and /ca; a source whose secret is missing refuses everybody."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/portal", portal_app(province, secrets.get("portal_token", "")))
    app.mount("/opencps", opencps_app(province, secrets.get("opencps_token", "")))
    app.mount("/dms", dms_app(province, secrets.get("dms_key", "")))
    app.mount("/ca", ca_app(province, secrets.get("ca_login", "")))

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def urls(port: int) -> dict[str, str]:
    """Base URL per source, and of the portal as OpenCPS."""
    return {source: f"http://{HOST}:{port}/{source}" for source in (*SOURCES, OPENCPS)}


def secrets_from_environment() -> dict[str, str]:
    """CCHC_SECRET_PORTAL_TOKEN, CCHC_SECRET_DMS_KEY, CCHC_SECRET_CA_LOGIN; blank where unset.

    CCHC_SECRET_OPENCPS_TOKEN only where it is set: without it nobody enters by that door.
    """
    found = {name: os.environ.get(f"CCHC_SECRET_{name.upper()}", "") for name in SECRETS}
    return {name: value for name, value in found.items() if value or name != "opencps_token"}


def _server(province: Province, secrets: Mapping[str, str]) -> uvicorn.Server:
    config = uvicorn.Config(
        application(province, secrets),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


def _listen(port: int) -> socket.socket:
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind((HOST, port))
    found.listen(128)
    return found


@contextmanager
def serve(
    province: Province | None = None, port: int = 0, secrets: Mapping[str, str] | None = None
) -> Iterator[dict[str, str]]:
    """Serves in a thread for as long as the block runs; yields the base URL of each source. Port 0 takes a free one."""
    server = _server(province or Province(), SECRETS if secrets is None else secrets)
    listening = _listen(port)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="sandbox", daemon=True)
    thread.start()
    deadline = time.monotonic() + _PATIENCE
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the sandbox did not start")
        time.sleep(0.01)
    try:
        yield urls(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(_PATIENCE)
        listening.close()


def run(port: int, records: Path | None = None) -> None:
    """Serves until interrupted; the province of a `records` folder when one is given. Secrets from the environment."""
    from sandbox.volume import read_province

    province = Province() if records is None else read_province(records)
    with _listen(port) as listening:
        _server(province, secrets_from_environment()).run(sockets=[listening])
