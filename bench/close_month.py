"""A province of some size closed month after month over HTTP: time by step, memory, and the cost of a later month.

Baseline of landing: the same pages downloaded and decoded with json, nothing kept.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import requests
from rich.table import Table

from cchc.period import Period
from sandbox.server import SECRETS, serve
from sandbox.volume import read_province, write_records

FIRST = "2019-02"  # none of the shipped agencies reports then
STEPS = ("land", "build", "audit", "publish")
# One close in a process of its own; prints the seconds of each step and the peak memory of it and its children.
CLOSE = """
import json, resource, sys, time
from cchc import close
period, seconds, quiet = sys.argv[1], {}, lambda line: None
def timed(step, run):
    started = time.perf_counter(); run(); seconds[step] = time.perf_counter() - started
timed("land", lambda: [close.land(e, period, progress=quiet) for e in close.export_names()])
timed("build", lambda: close.build(period, progress=quiet))
timed("audit", lambda: close.audit(period, progress=quiet))
timed("publish", lambda: close.publish(period, progress=quiet))
own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "peak_mb": own}))
"""


def tables(folder: Path, communes: int, dossiers: int, months: int) -> list[Table]:
    records, home = folder / "records", folder / "home"
    rows = write_records(records, communes, dossiers, months=1, first_month=FIRST)
    home.mkdir()
    shutil.copy(records / "agencies.csv", home)
    period, found = Period.parse(FIRST), []
    with serve(read_province(records)) as urls:
        environment = os.environ | {"CCHC_HOME": str(home)}
        environment |= {f"CCHC_SOURCE_URLS__{s.upper()}": url for s, url in urls.items()}
        environment |= {f"CCHC_SECRET_{name.upper()}": value for name, value in SECRETS.items()}
        for _ in range(months):
            _download(urls["portal"], home, period)  # the records of a month are made when first asked for
            downloaded = _download(urls["portal"], home, period)
            done = subprocess.run(
                [sys.executable, "-c", CLOSE, str(period)],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            found.append((str(period), downloaded, json.loads(done.stdout.splitlines()[-1])))
            period = period.following()
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    shown = Table(
        "month", "download + json", *STEPS, "close", "of month 2", "peak MB",
        title=f"{communes} communes, {sum(rows.values())} rows in the first month; seconds",
        caption=f"download + json: the dossiers' pages alone. Largest process of all: {children:.0f} MB",
    )  # fmt: skip
    totals = [sum(measured["seconds"].values()) for _, _, measured in found]
    for (name, downloaded, measured), total in zip(found, totals, strict=True):
        ratio = f"{total / totals[1]:.2f}" if len(totals) > 1 else "-"
        steps = (f"{measured['seconds'][step]:.1f}" for step in STEPS)
        shown.add_row(name, f"{downloaded:.1f}", *steps, f"{total:.1f}", ratio, f"{measured['peak_mb']:.0f}")
    return [shown]


def _download(portal: str, home: Path, period: Period) -> float:
    """Seconds to download and decode every page of dossiers, in one session."""
    codes = [line.split(",")[6] for line in (home / "agencies.csv").read_text(encoding="utf-8").splitlines()[2:]]
    started = time.perf_counter()
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {SECRETS['portal_token']}"
        for code in codes:
            seen, page, total = 0, 1, None
            while total is None or seen < total:
                answer = session.get(
                    f"{portal}/api/DongBoHoSoMC",
                    params={"MaDinhDanhDV": code, "TuNgay": f"{period.starts_at:%Y%m%d%H%M%S}",
                            "DenNgay": f"{period.ends_at:%Y%m%d%H%M%S}", "Trang": page, "SoBanGhi": 200},
                )  # fmt: skip
                body = json.loads(answer.content)
                seen, page, total = seen + len(body["data"]), page + 1, int(body["TongSo"])
    return time.perf_counter() - started
