"""Runs `monthly_indicators` in this process, one month after the other: what `make run` and the end-to-end tests do.

python dags/_in_process.py 2023-01 2023-02
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path


def run_month(period: str, reason: str | None = None) -> str:
    """One run of the real DAG for `period`; returns its state. Every run gets a fresh DagBag, since runs leave traces on one."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(Path(__file__).parent))
    if bag.import_errors:
        raise RuntimeError(f"the DAG file does not import: {bag.import_errors}")
    run = bag.dags["monthly_indicators"].test(logical_date=None, run_conf={"period": period, "reason": reason})
    return str(run.state)


def main(periods: list[str]) -> int:
    logging.getLogger("cchc").setLevel(logging.INFO)
    states = []
    for period in periods:
        states.append(run_month(period))
        print(f"@{period} {states[-1]}", flush=True)  # noqa: T201
    return 0 if set(states) == {"success"} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
