"""What Airflow pays each time it parses the DAG file: beside importing `airflow.sdk`, which it pays anyway."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from rich.table import Table

from cchc.settings import PROJECT

REPEATS = 5
BASELINE = "import airflow.sdk, pendulum"
OURS = f"{BASELINE}; import sys; sys.path.insert(0, {str(PROJECT / 'dags')!r}); import monthly_indicators"


def _seconds(code: str) -> float:
    found = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        found.append(time.perf_counter() - started)
    return statistics.median(found)


def table() -> Table:
    """Median seconds of fresh interpreters, and the ratio to the baseline."""
    baseline, ours = _seconds(BASELINE), _seconds(OURS)
    shown = Table("parse of the DAG file", "seconds", "ratio", title="DAG parse")
    shown.add_row("import airflow.sdk", f"{baseline:.2f}", "1.00")
    shown.add_row("dags/monthly_indicators.py", f"{ours:.2f}", f"{ours / baseline:.2f}")
    return shown
