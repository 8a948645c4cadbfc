"""Landing beside other ways of reading the same rows, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.table import Table

from bench.contenders import SIZE
from bench.pages import IDENTITY, serve_pages, write_pages
from bench.tables import write_csv, write_xlsx
from ingest.profile import SHIPPED

# dlt and pandas are read on fewer rows: they are slow or large, and rows per second stay comparable.
_SLOW = {"dlt": 10}
_OURS, _EXPORT = "land", "portal_dossiers"
_LABELS = {
    "download": "download only",
    "orjson": "download + orjson",
    "land": "ours, complete",
    "dlt": "dlt REST client to Parquet",
    "pandas": "naive pandas",
    "copy": "DuckDB COPY to Parquet",
    "calamine": "python-calamine, bare read",
}


@dataclass(frozen=True)
class Run:
    """One contender: rows a second, seconds, and the peak memory of its process in MB."""

    name: str
    rows: int
    seconds: float
    peak_mb: float

    @property
    def speed(self) -> float:
        return self.rows / self.seconds


def tables(folder: Path, pages: int, csv_rows: int, excel_rows: int) -> Iterator[Table]:
    """The tables of landing. Every contender reads the same bytes."""
    yield _json(folder, pages)
    yield _json_memory(folder, pages)
    yield _csv(folder, csv_rows)
    yield _excel(folder, excel_rows)


def _run(name: str, *arguments: str, **environment: str) -> Run:
    command = [sys.executable, "-m", "bench.contenders", name, *arguments]
    done = subprocess.run(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True)
    return Run(name, **json.loads(done.stdout.splitlines()[-1]))


def _json(folder: Path, pages: int) -> Table:
    bytes_ = write_pages(folder / "pages", pages * SIZE, SIZE)
    runs = []
    with serve_pages(folder / "pages") as url:
        _run("download", url, str(pages), "")
        for name in ("download", "orjson", _OURS, "pandas", "dlt"):
            runs.append(_over_http(name, url, pages // _SLOW.get(name, 1), folder))
    title = f"{pages * SIZE:,} dossiers in {pages} JSON pages of the national payload, {bytes_ / 1e6:.0f} MB"
    return _table(title, runs, "orjson")


def _json_memory(folder: Path, pages: int) -> Table:
    """Ours alone at a tenth of the rows and at ten times as many: memory must stay flat."""
    runs = []
    with serve_pages(folder / "pages", times=10) as url:
        runs.append(_over_http(_OURS, url, pages * 10, folder))
    write_pages(folder / "few", max(1, pages // 10) * SIZE, SIZE)
    with serve_pages(folder / "few") as url:
        runs.append(_over_http(_OURS, url, pages // 10, folder))
    return _table("ours at ten times as many rows, and at a tenth", runs, _OURS)


def _over_http(name: str, url: str, pages: int, folder: Path) -> Run:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        if name == _OURS:
            profile = _single_agency(Path(scratch))
            environment = {"CCHC_PROFILES": str(profile), "CCHC_SOURCE_URLS__PORTAL": url}
            return _run(_OURS, _EXPORT, f"{scratch}/home", **environment)
        return _run(name, url, str(pages), scratch)


def _single_agency(folder: Path) -> Path:
    """The shipped profile, asking once instead of agency by agency."""
    profile = yaml.safe_load((SHIPPED / "dvcqg.yaml").read_text(encoding="utf-8"))
    export = profile["exports"][_EXPORT]
    del export["for_each"]
    export["params"], export["paging"]["size"] = {}, SIZE
    export["fields"]["agency_code"] = {"const": IDENTITY}
    profile["exports"] = {_EXPORT: export}
    path = folder / "bench.yaml"
    path.write_text(yaml.safe_dump(profile, allow_unicode=True), encoding="utf-8")
    return path


def _csv(folder: Path, rows: int) -> Table:
    path = folder / "csv" / "ho-so_2023-06.csv"
    path.parent.mkdir()
    bytes_ = write_csv(path, rows)
    runs = _of_file(path, "onestop_csv", "copy")
    path.unlink()
    return _table(f"CSV of {rows:,} rows, {bytes_ / 1e6:.0f} MB", runs, "copy")


def _excel(folder: Path, rows: int) -> Table:
    path = folder / "xlsx" / "ho-so_2023-06.xlsx"
    path.parent.mkdir()
    bytes_ = write_xlsx(path, rows, "Từ ngày 15/05/2023 đến ngày 14/06/2023")
    return _table(
        f"workbook of {rows:,} rows, {bytes_ / 1e6:.0f} MB", _of_file(path, "onestop_xlsx", "calamine"), "calamine"
    )


def _of_file(path: Path, profile: str, baseline: str) -> list[Run]:
    os.utime(path, (1_700_000_000, 1_700_000_000))  # long settled
    with tempfile.TemporaryDirectory(dir=path.parent.parent) as scratch:
        environment = {"CCHC_PROFILES": profile, "CCHC_SOURCE_FOLDERS__PORTAL": str(path.parent)}
        arguments = (str(path), scratch) if baseline == "copy" else (str(path),)
        return [_run(baseline, *arguments), _run(_OURS, _EXPORT, f"{scratch}/home", **environment)]


def _table(title: str, runs: list[Run], baseline: str) -> Table:
    shown = Table("", "rows", "seconds", "rows a second", f"of {_LABELS[baseline]}", "peak MB", title=title)
    base = next(run for run in runs if run.name == baseline)
    for run in runs:
        shown.add_row(
            _LABELS[run.name], f"{run.rows:,}", f"{run.seconds:.1f}", f"{run.speed:,.0f}",
            f"{run.speed / base.speed:.2f}", f"{run.peak_mb:.0f}",
        )  # fmt: skip
    return shown
