"""A process that lands is killed (SIGKILL) at every page, inside a page, in the batch, in the receipt; the next one goes on.

It asks for nothing that was finished, and its batch is that of a pull nobody disturbed.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cchc.agencies import reporting_agencies
from cchc.period import Period
from cchc.settings import Settings
from ingest.landing import land
from ingest.store import Receipt, Store
from tests.ingest.http.conftest import Heard, Line, RawSource, _raw_sources
from tests.ingest.properties.model import Model, Style, profile
from tests.ingest.properties.rows import CHOICES, Row, row
from tests.ingest.receipts import check_all

PERIOD = Period.parse("2023-03")
pytestmark = pytest.mark.slow
_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["ingest.landing"])
Answer = Callable[[Line, Heard, int], Any]


def _land(export: str, settings: Settings, spot: str = "") -> None:
    """What runs in the process that is killed; at `spot` it kills itself."""
    if spot:
        _die_at(spot)
    land(export, PERIOD, settings, lambda _: "any:thing")


def _die_at(spot: str) -> None:
    """`function` or `function name`: dies when os or Parquet is about to write, rename or link what is called so."""
    import pyarrow.parquet as pq

    function, _, name = spot.partition(" ")
    module: Any = pq if hasattr(pq, function) else os if hasattr(os, function) else Path
    real = getattr(module, function)

    def deadly(*args: Any, **named: Any) -> Any:
        if any(name in str(arg) for arg in args):
            if function.startswith("write"):
                with Path(args[1] if function == "write_table" else args[0]).open("wb") as half:
                    half.write(b"PAR1 half of a file")
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **named)

    setattr(module, function, deadly)


def run(export: str, settings: Settings, spot: str = "") -> multiprocessing.process.BaseProcess:
    process = _fork.Process(target=_land, args=(export, settings, spot))
    process.start()
    return process


class Deadly:
    """Answers as `answer` does; the process dies before the n-th answer, or with `half` when it has half of that."""

    def __init__(self, answer: Answer, at: int, half: bool, spool: Path) -> None:
        self.answer, self.at, self.half, self.spool = answer, at, half, spool
        self.asked = 0
        self.process: Any = None

    def __call__(self, line: Line, heard: Heard, number: int) -> None:
        self.asked += 1
        if self.asked != self.at:
            self.answer(line, heard, number)
            return
        wait_for(lambda: self.process is not None)
        # The page before is on the spool, or is the last one of its series: so it is known what need not be asked again.
        wait_for(lambda: len(list(self.spool.glob("*/[0-9]*.json"))) >= self.at - 1)
        if self.half:
            line.send(b'HTTP/1.1 200 X\r\nContent-Length: 9999\r\n\r\n{"total": 13, "data": [{')
            time.sleep(0.05)
        os.kill(self.process.pid, signal.SIGKILL)


def wait_for(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end
        time.sleep(0.005)


def rows(count: int) -> list[Row]:
    """Rows of which some are faulty and some secret."""
    good = {name: choices[0] for name, choices in CHOICES.items()}
    bad = {name: next(cell for cell in choices if cell.fault) for name, choices in CHOICES.items()}
    return [row(float(n), n, bad if n % 6 == 5 else good, "1" if n % 7 == 3 else "0") for n in range(count)]


STYLES = {
    "page_number": Style("page_number", 3),
    "offset, pages share a row": Style("offset", 4, overlap=True),
    "offset, no total": Style("offset", 3, total=False),
    "range": Style("range", 3, inclusive=True),
    "token": Style("token", 3),
    "link, no total": Style("link", 3, total=False),
}


@pytest.fixture
def raw_source() -> Iterator[RawSource]:
    with _raw_sources() as make:
        yield make()


def deployed(folder: Path, source: RawSource, style: Style) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.yaml").write_text(json.dumps(profile(style, secret=True)))
    return Settings(home=folder, profiles=str(folder / "model.yaml"), source_urls={"model": source.url})


def asked(source: RawSource) -> list[str]:
    return [heard.target for heard in source.heard]


@pytest.mark.parametrize("half", [False, True], ids=["between pages", "inside a page"])
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_a_pull_killed_at_any_page_goes_on_there_and_ends_with_the_same_batch(raw_source, tmp_path, style, half):
    whole = deployed(tmp_path / "whole", raw_source, style)
    raw_source.script = Model(style, rows(13)).answer
    undisturbed = land("model_documents", PERIOD, whole, lambda _: "any:thing")
    requests = asked(raw_source)
    for at in range(1, len(requests) + 1):
        found = deployed(tmp_path / f"home {at}", raw_source, style)
        raw_source.heard.clear()
        deadly = Deadly(Model(style, rows(13)).answer, at, half, Store(found.raw).pull_path("model_documents", PERIOD))
        raw_source.script = deadly
        deadly.process = process = run("model_documents", found)
        process.join(30)
        assert process.exitcode == -signal.SIGKILL
        raw_source.heard.clear()
        raw_source.script = Model(style, rows(13)).answer
        receipt = land("model_documents", PERIOD, found, lambda _: "any:thing")
        assert asked(raw_source) == requests[at - 1 :]
        same_as(undisturbed, receipt)
        check_all(found.raw)


def same_as(undisturbed: Receipt, receipt: Receipt) -> None:
    for name in ("batch_id", "rows_read", "accepted", "rejected", "exact_duplicates", "withheld", "rows_by_agency"):
        assert getattr(receipt, name) == getattr(undisturbed, name), name


SPOTS = ["write_table rejects.parquet", "write_table held.parquet", "rename .draft-", "link .draft-", "replace 000003.rows",
         "replace 000003.draft", "write_bytes 000002.rows", "replace complete.draft", "replace pull.draft"]  # fmt: skip


@pytest.mark.parametrize("spot", SPOTS)
def test_a_process_killed_while_it_writes_leaves_nothing_half_done(raw_source, tmp_path, spot):
    style = STYLES["page_number"]
    raw_source.script = Model(style, rows(13)).answer
    undisturbed = land(
        "model_documents", PERIOD, deployed(tmp_path / "whole", raw_source, style), lambda _: "any:thing"
    )
    found = deployed(tmp_path / "home", raw_source, style)
    process = run("model_documents", found, spot)
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    assert Store(found.raw).receipts("model_documents", PERIOD) == []
    raw_source.heard.clear()
    receipt = land("model_documents", PERIOD, found, lambda _: "any:thing")
    same_as(undisturbed, receipt)
    if spot in SPOTS[:3]:
        assert asked(raw_source) == []
    check_all(found.raw)
    left = [path for path in found.raw.rglob("*") if "draft" in path.name or path.name == "pull"]
    assert [path for path in left if path.parent.name != "receipts"] == []  # the draft of a receipt holds counts only


def portal(line: Line, heard: Heard, _: int) -> None:
    """An OpenCPS portal with a few dossiers for each agency."""
    agency = heard.query["agency"]
    number = int("".join(filter(str.isdigit, agency)) or 0) % 3 + 2
    found = [dossier(agency, n) for n in range(number * 200 - 100)]
    page = found[int(heard.query["start"]) : int(heard.query["end"])]
    body = json.dumps({"total": len(found), "data": page}).encode()
    line.answer(body, Content_Type="application/json")


def dossier(agency: str, number: int) -> dict[str, Any]:
    return {
        "dossierNo": f"{agency}-230301-{number:04d}", "govAgencyCode": agency, "serviceCode": "1.000894", "domainCode": "HT01",
        "online": True, "fromViaPostal": 0, "viaPostal": 0, "serviceLevel": 4, "applicantIdType": "citizen",
        "applicantName": "Nguyễn Thị Ánh Nguyệt", "submitDate": "01/03/2023 08:00:00", "receiveDate": "01/03/2023 09:00:00",
        "dueDate": "20230310170000" if number % 50 else "?", "releaseDate": "", "finishDate": "", "cancellingDate": "",
        "dossierStatus": "processing", "modifiedDate": "01/03/2023 09:00:00",
    }  # fmt: skip


@pytest.mark.parametrize("half", [False, True], ids=["between pages", "inside a page"])
def test_agencies_that_were_read_are_not_asked_again(raw_source, tmp_path, half):
    def deployment(name: str) -> Settings:
        return Settings(home=tmp_path / name, profiles="opencps", source_urls={"portal": raw_source.url})

    raw_source.script = portal
    undisturbed = land("portal_dossiers", PERIOD, deployment("whole"), lambda _: "any")
    requests = asked(raw_source)
    assert len(reporting_agencies(deployment("whole"), PERIOD)) == len(undisturbed.rows_by_agency) > 1
    for at in sorted({1, 2, 3, len(requests) // 2, len(requests) // 2 + 1, len(requests) - 1, len(requests)}):
        found = deployment(f"home {at}")
        deadly = Deadly(portal, at, half, Store(found.raw).pull_path("portal_dossiers", PERIOD))
        raw_source.script = deadly
        deadly.process = process = run("portal_dossiers", found)
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        raw_source.heard.clear()
        raw_source.script = portal
        receipt = land("portal_dossiers", PERIOD, found, lambda _: "any")
        assert asked(raw_source) == requests[at - 1 :]
        assert receipt.resumed_pages == at - 1
        same_as(undisturbed, receipt)
        check_all(found.raw)
