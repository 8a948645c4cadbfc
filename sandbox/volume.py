"""A province of any size, for volume tests: the sources' JSON pages in a folder, and the communes to bind.

out/
  agencies.csv        the communes, in the columns of the project's agency table (copy it to CCHC_HOME)
  province.json       what it was made from: `sandbox up --records out` serves the same records over HTTP
  portal/dossiers/2024-01/90001-0001.json …   and so portal/procedures, dms/documents, ca/certificates, ca/signatures
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

from cchc.period import Period
from sandbox.agencies import Agency
from sandbox.province import Answer, Province

PAGE = 500
_COLUMNS = (
    "agency_code", "valid_from", "valid_to", "name_vi", "level", "parent_code", "identity_code",
    "reports_from", "reports_to",
)  # fmt: skip
_PROVINCE_CODE, _PROVINCE_IDENTITY = "99", "000.00.00.H99"
_LARGEST = 9999


def volume_province(communes: int, dossiers_per_month: int, seed: int, first_month: str) -> Province:
    """`communes` communes of uneven size that exist from `first_month` (YYYY-MM) on; every figure is invented.

    `dossiers_per_month` is about what the whole province receives.
    """
    if not 1 <= communes <= _LARGEST:
        raise ValueError(f"communes must be 1 to {_LARGEST}, not {communes}")
    if dossiers_per_month < communes:
        raise ValueError(
            f"dossiers per month must be at least one for each commune, {communes}, not {dossiers_per_month}"
        )
    starts = Period.parse(first_month).first_date
    agencies = [
        Agency(
            code=f"{90_000 + number}",
            name=f"Tình Huống {number}",
            identity=f"000.{number // 100:02d}.{number % 100:02d}.H99",
            above=_PROVINCE_IDENTITY,
            above_name="UBND tỉnh Thử Nghiệm",
            mail=f"xa{number}.example",
            starts=starts,
            ends=None,
            dossiers=rate,
            incoming=max(3, rate // 6),
            outgoing=max(2, rate // 12),
        )
        for number, rate in enumerate(_sizes(communes, dossiers_per_month, seed), 1)
    ]
    return Province(agencies, (), seed)


def _sizes(communes: int, total: int, seed: int) -> list[int]:
    """Whole numbers of at least 1 that sum to `total`, the largest about three times the smallest."""
    rng = random.Random(f"{seed}|sizes")
    weights = [0.5 + rng.random() for _ in range(communes)]
    spare = total - communes
    sizes = [1 + int(spare * weight / sum(weights)) for weight in weights]
    for index in range(total - sum(sizes)):
        sizes[index] += 1
    return sizes


def write_records(
    out: Path, communes: int, dossiers_per_month: int, months: int, seed: int = 1, first_month: str = "2024-01"
) -> dict[str, int]:
    """Writes `months` reporting months of `volume_province` below `out`; returns the rows written per export.

    The rows of a month hold dossiers carried over as well, so they are a little more than `dossiers_per_month`.
    """
    province = volume_province(communes, dossiers_per_month, seed, first_month)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    made_of = {
        "communes": communes, "dossiers_per_month": dossiers_per_month, "months": months, "seed": seed,
        "first_month": first_month,
    }  # fmt: skip
    (out / "province.json").write_text(json.dumps(made_of, indent=2) + "\n", encoding="utf-8")
    write_agencies(out / "agencies.csv", province)
    rows: dict[str, int] = {}
    for period in _span(first_month, months):
        for export, folder, name, answer in _answers(province, period):
            rows[export] = rows.get(export, 0) + len(answer.rows)
            _write_pages(out / folder / str(period), name, answer)
    return rows


def read_province(folder: Path) -> Province:
    """The province whose records `write_records` wrote there; raises FileNotFoundError when there are none."""
    made_of = json.loads((Path(folder) / "province.json").read_text(encoding="utf-8"))
    made_of.pop("months")
    return volume_province(**made_of)


def _span(first_month: str, count: int) -> Iterator[Period]:
    period = Period.parse(first_month)
    for _ in range(count):
        yield period
        period = period.following()


def _answers(province: Province, period: Period) -> Iterator[tuple[str, str, str, Answer]]:
    """Every answer of the month as (export, folder, file name, answer)."""
    start, end = (datetime.combine(d, time()) for d in (period.first_date, period.end_date))
    for agency in province.agencies:
        yield "portal_dossiers", "portal/dossiers", agency.code, province.dossiers(agency, start, end)
        day = period.last_date
        yield "portal_procedures", "portal/procedures", agency.code, province.procedures(agency, day)
    yield "dms_documents", "dms/documents", "documents", province.documents(start, end)
    dates: tuple[date, date] = (period.first_date, period.end_date)
    yield "ca_certificates", "ca/certificates", "certificates", province.certificates(*dates)
    yield "ca_signatures", "ca/signatures", "signatures", province.signatures(*dates)


def _write_pages(folder: Path, name: str, answer: Answer) -> None:
    """One file per page, `{"total": n, "data": [...]}`; at least one, so that an empty answer can be seen."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(max(1, -(-len(answer.rows) // PAGE))):
        rows = answer.rows[number * PAGE : (number + 1) * PAGE]
        body = f'{{"total":{answer.total},"data":['.encode() + b",".join(rows) + b"]}"
        (folder / f"{name}-{number + 1:04d}.json").write_bytes(body)


def write_agencies(path: Path, province: Province) -> None:
    """The province's communes, in the columns of the project's agency table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        first = province.agencies[0].starts.isoformat()
        writer.writerow((_PROVINCE_CODE, first, "", "Tỉnh Thử Nghiệm", "province", "", _PROVINCE_IDENTITY, "", ""))
        for agency in province.agencies:
            starts = agency.starts.isoformat()
            writer.writerow(
                (agency.code, starts, "", f"Xã {agency.name}", "commune", _PROVINCE_CODE, agency.identity, starts, "")
            )
