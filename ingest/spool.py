"""What a pull has read so far, page by page on the disk, so that a killed pull goes on where it stopped.

pull/pull.json                        what is being asked; another question, or an old answer, starts anew
pull/<series>/<page>.arrow            rows of the contract by their key, with the id of the `_reject`; see runs.py
pull/<series>/<page>.json             counts, faults and the position after the page; written last, so it says the page is whole
pull/<series>/complete                how many pages the series has, once it has ended

Only columns of the contract are written: no body, no row as received. Both files of a page have checksums: what a power cut
or a full disk has spoilt is found when a pull goes on, and read again from there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import count, takewhile
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa

from ingest import runs
from ingest.cells import Fault
from ingest.columns import Heading, Page
from ingest.headings import told
from ingest.mapping import Mapped, map_columns, withheld
from ingest.profile import Export
from ingest.sorter import REJECT
from ingest.store import Reject


@dataclass
class Tally:
    """Counts of some pages, and the headings and keys that they showed."""

    pages: int = 0
    rows: int = 0
    rejected: int = 0
    withheld: int = 0
    shown: set[Heading] = field(default_factory=set)
    keys: dict[str, set[str]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        self.pages += other.pages
        self.rows += other.rows
        self.rejected += other.rejected
        self.withheld += other.withheld
        self.shown |= other.shown
        for holder, keys in other.keys.items():
            self.keys.setdefault(holder, set()).update(keys)


class Spool:
    """The pages of one pull of an export. `folder` belongs to whoever holds the export's landing lock."""

    def __init__(self, folder: Path, export: Export) -> None:
        self.folder, self._export = folder, export

    def open(self, question: Mapping[str, Any], now: datetime, keep: timedelta) -> datetime | None:
        """Starts a pull, or goes on with an unfinished one of the same question that began less than `keep` ago.

        Returns when that one began; None for a new one.
        """
        mapping = {"export": self._export.map.model_dump(mode="json"), "fingerprint": self._export.fingerprint()}
        whole = {"question": question} | mapping
        asked = hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()
        note = self.folder / "pull.json"
        try:
            found = json.loads(note.read_text())
            began = datetime.fromisoformat(found["started_at"])
            if found["asked"] == asked and now - began < keep:
                for series in filter(Path.is_dir, self.folder.iterdir()):
                    SeriesSpool(series, self._export).mend()
                return began
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self.discard()
        self.folder.mkdir(parents=True)
        _write(note, json.dumps({"asked": asked, "started_at": now.isoformat()}))
        return None

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def series(self, name: str) -> SeriesSpool:
        return SeriesSpool(self.folder / name, self._export)


class SeriesSpool:
    """The pages of one request series."""

    def __init__(self, folder: Path, export: Export) -> None:
        self.folder, self._export = folder, export

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def mend(self) -> None:
        """Drops the first page that is not as it was written, and all that were read after it."""
        whole = 0
        with suppress(OSError, ValueError, KeyError, TypeError):
            while crc32(self._rows(whole + 1).read_bytes()) == self._told(whole + 1)["checksum"]:
                whole += 1
        if self.folder.exists() and not self.is_complete(whole):
            (self.folder / "complete").unlink(missing_ok=True)
            for path in self.folder.glob("[0-9]*.*"):
                if int(path.stem) > whole:
                    path.unlink()

    def position(self) -> dict[str, Any] | None:
        """Where the last whole page ended, as it was saved; None when there is none."""
        numbers = self._finished()
        return dict(self._told(numbers[-1])["position"]) if numbers else None

    def is_complete(self, pages: int | None = None) -> bool:
        """Whether the series was read to its end, and all its pages (`pages` of them are whole) are still here."""
        pages = len(self._finished()) if pages is None else pages
        with suppress(OSError):
            return (self.folder / "complete").read_text() == str(pages)
        return False

    def complete(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(self.folder / "complete", str(len(self._finished())))

    def tally(self) -> Tally:
        total = Tally()
        for number in self._finished():
            note = self._told(number)
            shown = {Heading(path, inside) for path, inside in note["shown"]}
            keys = {holder: set(names) for holder, names in note["keys"].items()}
            total.add(Tally(1, note["rows"], note["rejected"], note["withheld"], shown, keys))
        return total

    def files(self) -> list[Path]:
        return [self._rows(number) for number in self._finished()]

    def rejects(self) -> Iterator[list[Reject]]:
        """The faults of every rejected row, row by row in the order read."""
        for number in self._finished():
            for faults in self._told(number)["faults"]:
                yield [Reject.model_validate(values) for values in faults]

    def add(
        self, number: int, page: Page, params: Mapping[str, str], first_row: int, position: Any, agency: str | None
    ) -> Tally:
        """Maps a page and writes it as the `number`-th. `first_row` is the number of rows read before it, of all series.

        Several pages may be added at once.
        """
        columns, export = page.columns, self._export.map
        numbers = (
            columns.numbers if columns.numbers is not None else np.arange(first_row + 1, first_row + columns.rows + 1)
        )
        secret = withheld(export, columns)
        kept = np.flatnonzero(~secret)
        columns, numbers = (columns.take(kept), numbers[kept]) if secret.any() else (columns, numbers)
        mapped = map_columns(export, columns, params)
        rejects, ids = self._rejects(mapped, numbers, page.file, agency)
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self._rows(number).with_suffix(".rows")
        checksum = runs.write(draft, mapped.table.append_column(REJECT, ids), export.contract.key, numbers)
        os.replace(draft, self._rows(number))
        tally = Tally(
            1, page.columns.rows, len(kept) - ids.null_count, int(secret.sum()), set(columns.shown),
            {holder: {told(key) for key in keys} for holder, keys in columns.keys.items()},
        )  # fmt: skip
        note = {
            "checksum": checksum,
            "position": position if isinstance(position, dict) or position is None else asdict(position),
            "rows": tally.rows, "rejected": tally.rejected, "withheld": tally.withheld,
            "shown": sorted([h.path, h.inside] for h in tally.shown), "keys": {h: sorted(k) for h, k in tally.keys.items()},
            "faults": [[reject.model_dump() for reject in faults] for faults in rejects],
        }  # fmt: skip
        text = json.dumps(note, ensure_ascii=False)
        _write(self._note(number), json.dumps({"checksum": crc32(text.encode()), "note": text}, ensure_ascii=False))
        return tally

    def _rejects(
        self, mapped: Mapped, numbers: Any, file: str | None, agency: str | None
    ) -> tuple[list[list[Reject]], pa.Array]:
        """The faults of each rejected row of a page, and for each row its reject's id or null."""
        ids: list[str | None] = [None] * len(mapped.table)
        by_row: dict[int, list[Fault]] = {}
        for fault in mapped.faults:
            by_row.setdefault(fault.row, []).append(fault)
        rows = list(by_row)
        rejects: list[list[Reject]] = []
        for row, good in zip(rows, mapped.table.take(pa.array(rows, pa.int64())).to_pylist(), strict=True):
            faults = by_row[row]
            told = [(f.column, f.code, f.found) for f in faults]
            text = json.dumps([good, told], sort_keys=True, default=str, ensure_ascii=False)
            ids[row] = hashlib.sha256(text.encode()).hexdigest()[:16]
            key = good.get(self._export.map.contract.key[0])
            rejects.append([
                Reject(
                    reject_id=ids[row] or "", row_number=int(numbers[row]), file=file, row_key=key,
                    agency_code=good.get("agency_code") or agency, column_name=f.column, code=f.code, found=f.found,
                    expected=f.expected,
                )
                for f in faults
            ])  # fmt: skip
        return rejects, pa.array(ids, pa.string())

    def _finished(self) -> list[int]:
        """The numbers of the whole pages, from 1 without a gap."""
        numbers = count(1)
        return list(takewhile(lambda number: self._note(number).exists() and self._rows(number).exists(), numbers))

    def _told(self, number: int) -> dict[str, Any]:
        """What was noted of a page. Raises ValueError, KeyError or TypeError when it is not as it was written."""
        found = json.loads(self._note(number).read_bytes())
        if crc32(found["note"].encode()) != found["checksum"]:
            raise ValueError(f"page {number} of the spool is damaged")
        note: dict[str, Any] = json.loads(found["note"])
        return note

    def _rows(self, number: int) -> Path:
        return self.folder / f"{number:06d}.arrow"

    def _note(self, number: int) -> Path:
        return self.folder / f"{number:06d}.json"


def _write(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
