"""`make detect`: measures what the gate finds and writes docs/detection.md."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from cchc.settings import PROJECT
from expectations.suites import all_checks
from sandbox.detection.catalogue import RECORD_FAULTS, must_catch
from sandbox.detection.measure import FAULTY, measure
from sandbox.detection.report import report

_SETTING = (
    "{months} clean months of {communes} communes come first; then {faulty} is read again and again, each time with a fault in "
    "{changed} of them. Communes tried for each dose: {tries}. There is no clock and no dice: equal programs give equal pages."
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.detection", description=__doc__)
    parser.add_argument("--out", type=Path, default=PROJECT / "docs" / "detection.md", help="the page to write")
    parser.add_argument(
        "--months", type=int, default=24, help="clean months before the month of the faults, at least 3"
    )
    parser.add_argument("--communes", type=int, default=100, help="communes of the province")
    parser.add_argument("--spare", type=int, default=20, help="communes that stay clean")
    parser.add_argument("--tries", type=int, default=2, help="communes for every fault and dose")
    asked = parser.parse_args()
    logging.disable(logging.ERROR)  # blocked months and unsent alerts are what is measured here
    wanted = [(fault, dose) for _ in range(asked.tries) for fault in RECORD_FAULTS.values() for dose in fault.doses]
    started = time.monotonic()

    def told(line: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {line}", file=sys.stderr, flush=True)  # noqa: T201

    with tempfile.TemporaryDirectory(prefix="detection-") as folder:
        measured = measure(
            Path(folder), wanted, communes=asked.communes, spare=asked.spare, months=asked.months, progress=told
        )
    setting = _SETTING.format(
        months=asked.months,
        communes=asked.communes,
        faulty=FAULTY,
        changed=asked.communes - asked.spare,
        tries=asked.tries,
    )
    page = report(measured.grades, measured.clean, measured.rejected, all_checks(), must_catch(), setting)
    asked.out.write_text(page, encoding="utf-8")
    told(f"{asked.out} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
