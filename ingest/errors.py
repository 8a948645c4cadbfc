"""What can go wrong while a source is read. Messages name what to do and never quote a response body."""

from __future__ import annotations

from collections.abc import Iterable


class SourceError(RuntimeError):
    """A source could not be read for a period; nothing of this read is visible but its receipt."""


class SourceUnavailable(SourceError):
    """The source did not answer usefully within the profile's attempts. `status` is its last answer's, if there was one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class SourceClosed(SourceUnavailable):
    """It is not an hour at which the profile allows to ask; what was read so far can be resumed later."""


class NotAuthorised(SourceError):
    """The source takes our secret for none, or shows its login page."""


class NotJson(SourceError):
    """The body is no JSON, or is cut off."""


class TooFewRows(SourceError):
    """Far fewer rows than in the months before: landed only when somebody says why."""


class TooManyRejects(SourceError):
    """So many rows are faulty that the profile no longer fits the source; nobody corrects them one by one."""


class CountsDiffer(SourceError):
    """The rows read are not the rows the source declares."""


class EmptyExport(SourceError):
    """The source answered, and has no rows at all for a period in which agencies report."""


class HeadingsMissing(SourceError):
    """Keys that the profile reads are in no row of the export: renamed by the source, or misspelt in the profile."""


class ProfileError(ValueError):
    """A profile, or an address or secret that goes with it, is wrong; the message names what to correct."""


Located = tuple[tuple[str | int, ...], str]  # keys below some part of a profile, and what is wrong there


class Wrong(ValueError):
    """All that is wrong with one part of a profile."""

    def __init__(self, faults: Iterable[Located]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{'.'.join(map(str, path))}: {text}" for path, text in self.faults))
