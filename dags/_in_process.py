"""Runs the DAGs in this process, one run after the other: what `make run` and the end-to-end tests do.

python dags/_in_process.py 2023-01 2023-02
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path


def run_month(
    period: str, reason: str | None = None, because: str | None = None, marked_success: str | None = None
) -> str:
    """One run of the real `monthly_indicators` for `period`; returns its state."""
    conf = {"period": period, "reason": reason, "accept_fewer_rows_because": because}
    return _run("monthly_indicators", conf, marked_success)


def run_late(until: str | None) -> str:
    """One run of the real `late_exports` for the months that had ended by the end of the day `until`; returns its state."""
    return _run("late_exports", {"until": until})


def run_watch(on: str) -> str:
    """One run of the real `publication_watch` for the day `on`; returns its state."""
    return _run("publication_watch", {"on": on})


def run_waiver_approval(period: str) -> str:
    """One run of the real `waiver_approval`; it waits for an answer from another thread or process. Returns its state."""
    return _run("waiver_approval", {"period": period, "reason": None})


def _run(dag_id: str, conf: dict[str, str | None], marked_success: str | None = None) -> str:
    """Every run gets a fresh DagBag, since runs leave traces on one. Tasks that match `marked_success` are not run."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(Path(__file__).parent))
    if bag.import_errors:
        raise RuntimeError(f"the DAG file does not import: {bag.import_errors}")
    run = bag.dags[dag_id].test(logical_date=None, run_conf=conf, mark_success_pattern=marked_success)
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
