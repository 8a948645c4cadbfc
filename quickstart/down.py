"""`make down`: stops what `make up` started, also when its terminal is gone or it was killed."""

from __future__ import annotations

import os
import signal
import sys
import time

from rich.console import Console

from cchc.settings import Settings
from quickstart.processes import kill
from quickstart.up import read_record, record_file

_PATIENCE = 40.0


def main() -> int:
    """Returns 0: nothing is left running."""
    screen, settings = Console(highlight=False, soft_wrap=True), Settings()
    record = read_record(settings)
    if record is None or not record.is_up():
        screen.print("nothing is up")
        record_file(settings).unlink(missing_ok=True)
        return 0
    if record.leads():
        os.kill(record.pid, signal.SIGTERM)  # it stops its services by itself
    deadline = time.monotonic() + _PATIENCE
    while record.leads() and time.monotonic() < deadline:
        time.sleep(0.2)
    kill(record.sessions)
    record_file(settings).unlink(missing_ok=True)
    screen.print("everything is stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
