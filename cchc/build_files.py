"""The build file of a month: made in a draft folder, put in its place when it is whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cchc.period import Period
from cchc.settings import Settings


@contextmanager
def new_build_file(period: Period, settings: Settings) -> Iterator[Path]:
    """The path of a file to make; it takes the place of the month's build file unless the block raises."""
    final = settings.build_file(period)
    final.parent.mkdir(parents=True, exist_ok=True)
    for abandoned in final.parent.glob("draft-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="draft-", dir=final.parent))
    try:
        yield folder / final.name
        os.replace(folder / final.name, final)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _point_to(settings.build / final.name, final)


def _point_to(link: Path, target: Path) -> None:
    draft = link.with_suffix(".link")
    draft.unlink(missing_ok=True)
    draft.symlink_to(os.path.relpath(target, link.parent))
    os.replace(draft, link)
