"""`make bench`: prints every benchmark's table; `python -m bench --dossiers 20000` changes the size."""

from __future__ import annotations

import argparse
import platform
import tempfile
from pathlib import Path

import psutil
from rich.console import Console

from bench import close_month, dag_parse, gate, landing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--communes", type=int, default=114)
    parser.add_argument("--dossiers", type=int, default=300_000, help="received in the province each month")
    parser.add_argument("--documents", type=int, default=500_000, help="sent and received in the province each month")
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--pages", type=int, default=250, help="JSON pages of 2,000 dossiers to land")
    parser.add_argument("--csv-rows", type=int, default=5_000_000)
    parser.add_argument("--excel-rows", type=int, default=200_000)
    parser.add_argument("--only", choices=("parse", "landing", "gate", "close"))
    size = parser.parse_args()
    screen = Console(width=130)
    memory = psutil.virtual_memory().total / 2**30
    screen.print(
        f"{platform.machine()}, {psutil.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}"
    )
    if size.only in (None, "parse"):
        screen.print(dag_parse.table())
    with tempfile.TemporaryDirectory(prefix="cchc-bench-") as folder:
        if size.only in (None, "landing"):
            for table in landing.tables(Path(folder), size.pages, size.csv_rows, size.excel_rows):
                screen.print(table)
        if size.only in (None, "gate"):
            for table in gate.tables(Path(folder), size.communes, size.dossiers, size.documents, screen):
                screen.print(table)
        if size.only in (None, "close"):
            for table in close_month.tables(
                Path(folder), size.communes, size.dossiers, size.documents, size.months, screen
            ):
                screen.print(table)


if __name__ == "__main__":
    main()
