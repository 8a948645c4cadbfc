"""The rejects of a month as files for an alert: what `cchc rejects export` writes, handed to the alerts by the close."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

from cchc.period import Period
from cchc.settings import settings
from expectations.checks import DATA_OWNER
from ingest.profile import load_exports
from ingest.rejects.standing import standing
from ingest.rejects.workbook import export_workbooks
from ingest.store import Store

log = logging.getLogger("cchc")
# More is no list of clerks' faults but another format of the source, which nobody corrects by hand.
MOST_REJECTS = 5_000


def reject_workbooks(period: Period, folder: Path, due: date) -> dict[str | None, Path]:
    """Writes a workbook for each agency with rejects into `folder`, to be sent back until `due`; its path by agency code.

    None is the agency of rows that name no known one. Empty when no rejects stand, or more than anybody can correct by
    hand. Raises ProfileError.
    """
    store = Store(settings().raw)
    found = (standing(store, name, period) for name in load_exports(settings().profiles))
    open_rejects = sum(len(state.open_ids) for state in found if state)
    if open_rejects > MOST_REJECTS:
        log.warning("%s: %d rejects stand, too many to attach: cchc rejects export %s", period, open_rejects, period)
    if not 0 < open_rejects <= MOST_REJECTS:
        return {}
    written = export_workbooks(period, settings(), folder, contact=DATA_OWNER, due=due)
    return {one.agency_code: one.path for one in written}
