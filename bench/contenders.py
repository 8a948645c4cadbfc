"""Ways of reading the same rows, each run in a process of its own: `python -m bench.contenders NAME ARGUMENT…`.

Prints one JSON line: rows, seconds without imports, and the peak memory of the process in MB.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

SIZE = 2_000
ENDPOINT = "/api/DongBoHoSoMC"


def _bodies(url: str, pages: int) -> Iterator[bytes]:
    import requests

    with requests.Session() as session:
        session.trust_env = False
        for number in range(1, pages + 1):
            yield session.get(url + ENDPOINT, params={"Trang": str(number), "SoBanGhi": str(SIZE)}).content


def download(url: str, pages: str, _: str) -> Callable[[], int]:
    return lambda: sum(SIZE for _ in _bodies(url, int(pages)))


def orjson(url: str, pages: str, _: str) -> Callable[[], int]:
    import orjson as decoder

    return lambda: sum(len(decoder.loads(body)["data"]) for body in _bodies(url, int(pages)))


def pandas(url: str, pages: str, folder: str) -> Callable[[], int]:
    """What a first script does: every page to a frame, dates by to_datetime, duplicates dropped, one Parquet file."""
    import pandas as pd

    def run() -> int:
        frames = [pd.DataFrame(json.loads(body)["data"]) for body in _bodies(url, int(pages))]
        rows = pd.concat(frames)
        for name in ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayTra", "NgayKetThucXuLy"):
            rows[name] = pd.to_datetime(rows[name], format="%Y%m%d%H%M%S", errors="coerce")
        rows = rows.drop_duplicates("MaHoSo").sort_values("MaHoSo")
        rows.to_parquet(Path(folder) / "rows.parquet")
        return len(rows)

    return run


def dlt(url: str, pages: str, folder: str) -> Callable[[], int]:
    import dlt as loader
    from dlt.destinations import filesystem
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator

    os.environ["DLT_DATA_DIR"] = folder
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

    def run() -> int:
        paginator = PageNumberPaginator(base_page=1, page_param="Trang", total_path=None, maximum_page=int(pages))
        client = RESTClient(base_url=url, paginator=paginator, data_selector="data")
        pages_ = client.paginate(ENDPOINT, params={"SoBanGhi": str(SIZE)})
        resource_ = loader.resource(pages_, name="dossiers", primary_key="MaHoSo", write_disposition="replace")
        pipeline = loader.pipeline("bench", destination=filesystem(folder), pipelines_dir=folder, dataset_name="rows")
        pipeline.run(resource_, loader_file_format="parquet")
        return int(pages) * SIZE

    return run


def land(export: str, home: str) -> Callable[[], int]:
    """Ours, complete: reads, decodes, checks, writes sorted Parquet, rejects and a receipt."""
    os.environ["CCHC_HOME"] = home
    import pandas  # noqa: F401  which pyarrow imports at the first list it sees

    from cchc.settings import settings
    from ingest import landing

    def run() -> int:
        receipt = landing.land(export, settings().period("2023-06"), settings(), lambda name: "token")
        return receipt.rows_read

    return run


def copy(source: str, folder: str) -> Callable[[], int]:
    """DuckDB's own COPY of the CSV to Parquet, all columns as they come."""
    import duckdb

    def run() -> int:
        target = Path(folder) / "rows.parquet"
        ((rows,),) = duckdb.execute(
            f"copy (from read_csv('{source}', all_varchar = true)) to '{target}' (format parquet, compression zstd)"
        ).fetchall()
        return int(rows)

    return run


def calamine(source: str) -> Callable[[], int]:
    """python-calamine's bare read of the first sheet."""
    from python_calamine import CalamineWorkbook

    return lambda: len(CalamineWorkbook.from_path(source).get_sheet_by_index(0).to_python())


def main() -> None:
    run = globals()[sys.argv[1]](*sys.argv[2:])
    started = time.perf_counter()
    rows = run()
    seconds = time.perf_counter() - started
    # VmHWM is this program's alone; ru_maxrss would start with what its parent held.
    peak = (
        next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
        / 1024
    )
    sys.stdout.write("\n" + json.dumps({"rows": rows, "seconds": seconds, "peak_mb": peak}) + "\n")


if __name__ == "__main__":
    main()
