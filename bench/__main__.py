"""`make bench`: prints every benchmark's table; `python -m bench --dossiers 20000` changes the size."""

from __future__ import annotations

import argparse
import platform
import tempfile
from pathlib import Path

import psutil
from rich.console import Console

from bench import close_month, dag_parse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--communes", type=int, default=50)
    parser.add_argument("--dossiers", type=int, default=20_000, help="received in the province each month")
    parser.add_argument("--months", type=int, default=6)
    size = parser.parse_args()
    screen = Console(width=130)
    memory = psutil.virtual_memory().total / 2**30
    screen.print(
        f"{platform.machine()}, {psutil.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}"
    )
    screen.print(dag_parse.table())
    with tempfile.TemporaryDirectory(prefix="cchc-bench-") as folder:
        for table in close_month.tables(Path(folder), size.communes, size.dossiers, size.months):
            screen.print(table)


if __name__ == "__main__":
    main()
