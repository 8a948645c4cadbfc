"""Ways past a critical check, by name: what somebody would do, and what stops it. WAYS start from a month in which a check of
single cells failed, and end unpublished or without their figures; PAST_A_PERIOD_CHECK from one that is in doubt as a whole.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import expectations.permit
from cchc import close as steps
from cchc import waive
from cchc.settings import secret_from_environment
from expectations import suites
from expectations.audit import GateFailed, audit_period
from expectations.suites import all_checks, critical_ids
from expectations.verdicts import VerdictBroken, newest_verdict, seal_of, write_verdict
from expectations.waivers import Request, WaiverBroken, WaiverRefused, approve, expiry, record_request, revoke
from snapshots.publish import PublishRefused, publish_snapshot
from tests.expectations.conftest import PERIOD
from tests.expectations.edited_files import (
    call_it_held,
    call_rejects_contained,
    edited,
    leave_it_out,
    make_it_a_warning,
    make_it_hold,
    make_it_hold_and_name_no_cell,
    make_rejects_hold,
    make_up_a_waiver,
    name_fewer_cells,
    name_no_cell,
    published_directly,
    say_that_its_rows_are_of_nobody_who_reports,
    say_that_nothing_rests_on_it,
    with_figures_put_back,
    with_one_figure_put_back,
    with_the_list_of_cells_emptied,
)
from tests.expectations.publishable import FINISHED, MONTH, REJECTS, Month, finished_early

CHECKS = {check.id: check for check in all_checks()}


def forged_by_a_direct_call(month: Month) -> None:
    verdict = newest_verdict(MONTH, month.settings)
    assert verdict is not None
    good = [r.model_copy(update={"outcome": "held", "failed_rows": 0, "by_agency": []}) for r in verdict.results]
    write_verdict(month.settings.audit, verdict.model_copy(update={"results": good, "outcome": "held"}))
    month.publish()


def published_by_a_direct_call_that_brings_its_own_verdict(month: Month) -> None:
    verdict = newest_verdict(MONTH, month.settings)
    publish_snapshot(PERIOD, month.settings, verdict, {}, "because I say so")  # type: ignore[call-arg, arg-type]


def audited_by_a_subset_of_the_checks(month: Month) -> None:
    month.built(finished_early("11122"))
    audit_period(PERIOD, month.settings, secret_from_environment, checks=[c for c in all_checks() if c.id != FINISHED])
    month.publish()


def audited_by_weaker_checks_of_the_same_names(month: Month) -> None:
    weaker = replace(CHECKS[FINISHED], expect=CHECKS[REJECTS].expect, arguments={
        "column_A": "received_at", "column_B": "received_at", "or_equal": True})  # fmt: skip
    month.built(finished_early("11122"))
    audit_period(
        PERIOD,
        month.settings,
        secret_from_environment,
        checks=[weaker if c.id == FINISHED else c for c in all_checks()],
    )
    month.publish()


def audited_while_it_was_called_a_warning(month: Month) -> None:
    with pytest.MonkeyPatch.context() as patch:
        weaker = replace(CHECKS[FINISHED], severity="warning")
        for name, checks in suites.SUITES.items():
            patch.setitem(suites.SUITES, name, tuple(weaker if c.id == FINISHED else c for c in checks))
        month.audit()
    assert FINISHED in critical_ids()
    month.publish()


def published_after_it_was_called_a_warning(month: Month) -> None:
    with pytest.MonkeyPatch.context() as patch:
        weaker = replace(CHECKS[FINISHED], severity="warning")
        for name, checks in suites.SUITES.items():
            patch.setitem(suites.SUITES, name, tuple(weaker if c.id == FINISHED else c for c in checks))
        month.publish()


def published_with_an_older_good_verdict(month: Month) -> None:
    shutil.rmtree(month.settings.audit / MONTH)
    month.built()
    month.audit()
    month.built(finished_early("11122"))
    month.publish()


def published_under_a_good_verdict_of_another_month(month: Month) -> None:
    edited(month, make_it_hold)
    moved = month.settings.audit / "2023-05"
    (month.settings.audit / MONTH).rename(moved)
    shutil.copytree(moved, month.settings.audit / MONTH)
    edited(month, lambda content: content.update(period="2023-05"))
    month.publish()


def rebuilt_analysts_file(month: Month) -> None:
    steps.refresh(rebuild=True)
    month.publish()


def with_waiver(**changed: object) -> Callable[[Month], None]:
    def way(month: Month) -> None:
        month.waived(**{"check": FINISHED} | changed)  # type: ignore[arg-type]
        month.audit()
        month.publish()

    return way


def asked_for_only(month: Month) -> None:
    month.asked()
    month.audit()


def approved_by_who_asked(month: Month) -> None:
    waive.decide(month.asked(requested_by="lan.pham"), "  Lan.Phạm ", approved=True)
    month.audit()


def revoked_before_the_audit(month: Month) -> None:
    waive.decide(month.waived(), "lan.pham", approved=False)
    month.audit()


def revoked_before_publishing(month: Month) -> None:
    waiver = month.waived()
    month.audit()
    waive.decide(waiver, "lan.pham", approved=False)
    month.publish()


def built_anew_and_published(month: Month) -> None:
    month.built(finished_early("11122"))
    month.publish()


def audited_without_withholding(month: Month) -> None:
    month.built(finished_early("11122"))
    audit_period(PERIOD, month.settings, secret_from_environment)


def audited_by_what_withholds_nothing(month: Month) -> None:
    month.built(finished_early("11122"))
    audit_period(PERIOD, month.settings, secret_from_environment, withhold=lambda cells: None)


def recorded(month: Month, at: datetime, **changed: object) -> str:
    """A waiver asked for and approved at an instant, by direct calls that look at no words."""
    asked = Request(
        check=FINISHED, period=MONTH, agency="11122", rows_at_most=1, reason="đã rà soát", ground="công văn",
        expires_at=expiry(at, 5, month.settings),
    ).model_copy(update=changed)  # fmt: skip
    waiver = record_request(month.settings, asked, "lan.pham", "test", at)
    return approve(month.settings, waiver.id, "minh.vo", "test", at).id


def expired_before_the_audit(month: Month) -> None:
    recorded(month, datetime.now(UTC) - timedelta(days=40))
    month.audit()


def expired_before_publishing(month: Month) -> None:
    month.waived()
    month.audit()

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + timedelta(days=40)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expectations.permit, "datetime", Later)
        month.publish()


def for_all_agencies_by_a_direct_call(month: Month) -> None:
    recorded(month, datetime.now(UTC), agency="all", rows_at_most=99)
    month.audit()


def for_a_hundred_years_by_a_direct_call(month: Month) -> None:
    recorded(month, datetime.now(UTC), expires_at=datetime.now(UTC) + timedelta(days=36500))


def more_rows_than_declared(month: Month) -> None:
    month.built(finished_early("11122", 2))
    month.waived(rows_at_most=1)
    month.audit()


def built_again_with_more_rows_after_the_verdict(month: Month) -> None:
    month.waived()
    month.audit()
    month.built(finished_early("11122", 2))
    month.publish()


def waived_though_it_was_not_evaluated(month: Month) -> None:
    month.waived(rows_at_most=9999)
    month.built("drop table stg_portal__dossier_versions", "delete from fct_dossiers")
    month.audit()


def record_edited(month: Month) -> None:
    month.waived(rows_at_most=1)
    month.built(finished_early("11122", 2))
    path = month.settings.audit / "waivers" / "0001.json"
    path.chmod(0o644)
    path.write_text(path.read_text().replace('"rows_at_most": 1', '"rows_at_most": 9'))
    month.audit()


def revocation_removed(month: Month) -> None:
    revoke(month.settings, month.waived(), "lan.pham", "test", datetime.now(UTC))
    (month.settings.audit / "waivers" / "0003.json").unlink()
    month.audit()


def approval_written_by_hand(month: Month) -> None:
    waiver = month.asked()
    first = json.loads((month.settings.audit / "waivers" / "0001.json").read_text())
    entry = {"number": 2, "kind": "approval", "waiver": waiver, "by": "lan.pham", "through": "x", "request": None,
             "at": datetime.now(UTC).isoformat().replace("+00:00", "Z"), "previous": first["seal"]}  # fmt: skip
    (month.settings.audit / "waivers" / "0002.json").write_text(json.dumps(entry | {"seal": seal_of(entry)}))
    month.audit()


def edited_and(change: Callable[[dict[str, Any]], None], *, sealed_again: bool = True) -> Callable[[Month], None]:
    def way(month: Month) -> None:
        edited(month, change, sealed_again=sealed_again)
        month.publish()

    return way


def and_published(way: Callable[[Month], object]) -> Callable[[Month], None]:
    def both(month: Month) -> None:
        way(month)
        month.publish()

    return both


AT_THE_VERDICT = (PublishRefused, "does not let it through")
AT_JUDGING_AGAIN = (PublishRefused, "judged again, " + FINISHED)
AT_THE_CELLS = (PublishRefused, "cells that are withheld in the build file are not those of verdict")
AT_THE_BUILD = (PublishRefused, "was built again after verdict")
AT_THE_WAIVER = (PublishRefused, "waiver W0001 of .* does not hold any more")
AT_THE_GATE = (GateFailed, FINISHED)
# Published, and no figure that rests on the failing rows is.
WITHOUT_THE_CELLS = None

Ending = tuple[type[Exception], str] | None
WAYS: dict[str, tuple[Callable[[Month], object], Ending]] = {
    "publish the month": (Month.publish, WITHOUT_THE_CELLS),
    "publish with a reason": (lambda month: steps.publish(MONTH, reason="gấp"), WITHOUT_THE_CELLS),
    "audit again": (and_published(Month.audit), WITHOUT_THE_CELLS),
    "edit the verdict": (edited_and(make_it_hold, sealed_again=False), (VerdictBroken, "seal")),
    "edit the result and seal it again": (edited_and(make_it_hold), AT_JUDGING_AGAIN),
    "edit the result and the cells": (edited_and(make_it_hold_and_name_no_cell), AT_JUDGING_AGAIN),
    "edit the severity and seal it again": (edited_and(make_it_a_warning), WITHOUT_THE_CELLS),
    "take the result out and seal it again": (edited_and(leave_it_out), AT_THE_VERDICT),
    "take the cells out of the verdict": (edited_and(name_no_cell), AT_THE_CELLS),
    "take one cell out of the verdict": (edited_and(name_fewer_cells), AT_THE_CELLS),
    "say that no figure rests on the rows": (edited_and(say_that_nothing_rests_on_it), AT_JUDGING_AGAIN),
    "say that the rows are of nobody who reports": (edited_and(say_that_its_rows_are_of_nobody_who_reports), AT_JUDGING_AGAIN),
    "put the figures back into the build file": (with_figures_put_back, AT_JUDGING_AGAIN),
    "put them back and say that none rests on the rows": (
        lambda month: with_figures_put_back(month, say_that_nothing_rests_on_it), AT_JUDGING_AGAIN),
    "put them back and edit the result": (
        lambda month: with_figures_put_back(month, make_it_hold_and_name_no_cell), AT_JUDGING_AGAIN),
    "put one figure back": (with_one_figure_put_back, AT_JUDGING_AGAIN),
    "empty the list of withheld cells": (with_the_list_of_cells_emptied, WITHOUT_THE_CELLS),
    "build anew and publish": (built_anew_and_published, AT_THE_BUILD),
    "audit without withholding": (audited_without_withholding, AT_THE_GATE),
    "audit with something that withholds nothing": (audited_by_what_withholds_nothing, AT_THE_GATE),
    "write a waiver into the verdict and seal it again": (edited_and(make_up_a_waiver), AT_THE_WAIVER),
    "write a forged verdict by a direct call": (forged_by_a_direct_call, AT_JUDGING_AGAIN),
    "call publish_snapshot": (published_directly, WITHOUT_THE_CELLS),
    "call publish_snapshot with a verdict": (
        published_by_a_direct_call_that_brings_its_own_verdict, (TypeError, "positional argument")),
    "audit with a subset of the checks": (audited_by_a_subset_of_the_checks, AT_THE_VERDICT),
    "audit with weaker checks of the same names": (audited_by_weaker_checks_of_the_same_names, AT_JUDGING_AGAIN),
    "audit while the check is called a warning": (audited_while_it_was_called_a_warning, AT_THE_VERDICT),
    "publish after the check is called a warning": (published_after_it_was_called_a_warning, WITHOUT_THE_CELLS),
    "publish a build that is worse than its verdict": (published_with_an_older_good_verdict, AT_THE_BUILD),
    "borrow the verdict of another month": (
        published_under_a_good_verdict_of_another_month, (VerdictBroken, "moved or copied")),
    "make the analysts' file anew": (rebuilt_analysts_file, WITHOUT_THE_CELLS),
    "a waiver of another month": (with_waiver(period="2023-05"), WITHOUT_THE_CELLS),
    "a waiver of another check": (with_waiver(check="fct_dossiers.refused_not_before_received"), WITHOUT_THE_CELLS),
    "a waiver of another agency": (with_waiver(agency="11119"), WITHOUT_THE_CELLS),
    "a waiver of all agencies for a check of single ones": (with_waiver(agency="all"), (WaiverRefused, "single agencies")),
    "the same by a direct call": (and_published(for_all_agencies_by_a_direct_call), WITHOUT_THE_CELLS),
    "a waiver of no rows": (with_waiver(rows_at_most=0), (WaiverRefused, "rows at most is 0")),
    "a waiver for longer than allowed": (with_waiver(working_days=21), (WaiverRefused, "1 to 20 working days")),
    "the same by a direct call, for a hundred years": (
        for_a_hundred_years_by_a_direct_call, (WaiverBroken, "no request that this program")),
    "a waiver that nobody approved": (and_published(asked_for_only), WITHOUT_THE_CELLS),
    "a waiver approved by who asked": (approved_by_who_asked, (WaiverRefused, "another person")),
    "a waiver that was revoked": (and_published(revoked_before_the_audit), WITHOUT_THE_CELLS),
    "a waiver revoked between audit and publish": (revoked_before_publishing, AT_THE_WAIVER),
    "a waiver that has expired": (and_published(expired_before_the_audit), WITHOUT_THE_CELLS),
    "a waiver that expires between audit and publish": (expired_before_publishing, AT_THE_WAIVER),
    "more failing rows than the waiver names": (and_published(more_rows_than_declared), WITHOUT_THE_CELLS),
    "a worse build after the waived verdict": (built_again_with_more_rows_after_the_verdict, AT_THE_BUILD),
    "a waiver of a check that was not evaluated": (
        waived_though_it_was_not_evaluated, (GateFailed, FINISHED + " was not evaluated")),
    "a waiver whose record was edited": (and_published(record_edited), WITHOUT_THE_CELLS),
    "a waiver whose revocation was removed": (and_published(revocation_removed), WITHOUT_THE_CELLS),
    "an approval written by hand": (and_published(approval_written_by_hand), WITHOUT_THE_CELLS),
}  # fmt: skip

REJECTS_AGAIN = (PublishRefused, "judged again, " + REJECTS)
AT_THE_PERIOD = (GateFailed, REJECTS)
PAST_A_PERIOD_CHECK: dict[str, tuple[Callable[[Month], object], tuple[type[Exception], str]]] = {
    "publish the failed month": (Month.publish, AT_THE_VERDICT),
    "publish with a reason": (lambda month: steps.publish(MONTH, reason="gấp"), AT_THE_VERDICT),
    "audit again": (Month.audit, AT_THE_PERIOD),
    "edit the verdict's outcome and seal it again": (edited_and(call_it_held), AT_THE_VERDICT),
    "edit the result and seal it again": (edited_and(make_rejects_hold), REJECTS_AGAIN),
    "call it contained": (edited_and(call_rejects_contained), REJECTS_AGAIN),
    "write a forged verdict by a direct call": (forged_by_a_direct_call, REJECTS_AGAIN),
    "call publish_snapshot": (published_directly, AT_THE_VERDICT),
    "make the analysts' file anew": (rebuilt_analysts_file, AT_THE_VERDICT),
    "a waiver of the rows of a cell check": (with_waiver(), AT_THE_PERIOD),
}  # fmt: skip
