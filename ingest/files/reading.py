"""The files of an export for one period, read as pages; what they were is kept for the receipt."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cchc.agencies import Agency
from cchc.period import Period
from ingest.columns import Page, Reads
from ingest.errors import ProfileError
from ingest.files.archives import Archive, Unpacked
from ingest.files.body import Body
from ingest.files.delimited import Delimited
from ingest.files.drop import Dropped, Source, find, opened
from ingest.files.naming import Names
from ingest.files.options import FileExport
from ingest.files.workbook import Workbook


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class FileFact:
    """A file that was read to its end. `sha256` is of its bytes as they were read: the same for another period is a mix-up.

    `declared` is the number of rows that its own last row declares, which is checked. `also` are the names under which the
    same bytes lay in the folder again; they were read once.
    """

    name: str
    bytes: int
    sha256: str
    modified_at: datetime
    rows: int
    declared: int | None = None
    also: tuple[str, ...] = ()


class FileRead:
    """The files of one export, period and, where the export asks for each of them, agency.

    Iterating reads them, in the order of their names, and fills `facts` as each one ends. Raises FileMissing, SourceUnavailable
    (not finished yet), HeadingsMissing, CountsDiffer, SourceError; ProfileError when a name needs an agency and there is none.
    """

    def __init__(
        self, where: str, file: FileExport, reads: Reads, names: Names, folder: Path, clock: Callable[[], datetime]
    ) -> None:
        if reads.lists:
            raise ProfileError(f"{where}: {', '.join(reads.lists)}: a file has no nested lists")
        self._where, self._file, self._reads, self._names = where, file, reads, names
        self._folder, self._clock = folder, clock
        self.facts: list[FileFact] = []

    def __iter__(self) -> Iterator[Page]:
        for dropped in find(self._where, self._file, self._names, self._folder, self._clock):
            yield from self._read(dropped)

    def _read(self, dropped: Dropped) -> Iterator[Page]:
        where = f"{self._where}: {dropped.name}"
        with opened(self._where, dropped) as source:
            table = self._table(where, dropped, source)
            body = Body(table.layout, self._file.until)
            for block in table.blocks():
                columns = body.take(block)
                if columns is not None:
                    yield Page(columns, file=dropped.name)
            while source.read(1 << 20):  # what a reader leaves behind the end belongs to the file's hash
                pass
        body.finish()
        size, modified, _ = dropped.seen
        self.facts.append(
            FileFact(
                name=dropped.name, bytes=size, sha256=source.sha256, modified_at=datetime.fromtimestamp(modified / 1e9, UTC),
                rows=body.rows, declared=body.declared, also=dropped.also,
            )
        )  # fmt: skip

    def _table(self, where: str, dropped: Dropped, source: Source) -> Delimited | Workbook:
        file, names = self._file, self._names
        raw: Source | Unpacked = source
        if file.member:
            # The archive is read whole into memory first, so that what is unpacked is what was hashed.
            archive = Archive(where, "the archive", io.BytesIO(source.read()), file.limits)
            raw = Unpacked(archive.unpack(archive.choose(names, file.member)))
        if file.format == "csv":
            return Delimited(where, file, self._reads, names, raw)
        return Workbook(where, file, self._reads, names, raw.read())


def read_files(
    where: str,
    file: FileExport,
    reads: Reads,
    period: Period,
    folder: Path,
    agency: Agency | None = None,
    clock: Callable[[], datetime] = _now,
) -> FileRead:
    """The pages of an export that comes as files. `where` names export and period in messages; `clock` is the wall clock,
    which only tells whether a file has settled."""
    return FileRead(where, file, reads, Names(period, agency), folder, clock)
