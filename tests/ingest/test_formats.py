from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cchc.period import LOCAL, Period
from ingest.formats import format_local, is_format, parse_local


def test_source_times_are_local_and_known_by_their_declared_form():
    found = parse_local("20230115073000", ("yyyyMMddHHmmss",))
    assert found is not None
    assert found.astimezone(UTC) == datetime(2023, 1, 15, 0, 30, tzinfo=UTC)
    assert parse_local("15/01/2023 07:30:00", ("yyyyMMddHHmmss", "dd/MM/yyyy HH:mm:ss")) == found
    assert parse_local("2023-01-15", ("yyyy-MM-dd",)) == datetime(2023, 1, 15, tzinfo=LOCAL)


@pytest.mark.parametrize(
    "text",
    [
        "20230230080000",
        "20231301080000",
        "20230115250000",
        "2023011508000",
        "20230115080000 ",
        "１２３４0115080000",
        "",
    ],
)
def test_a_date_that_does_not_exist_or_does_not_fit_is_never_bent_into_one(text):
    assert parse_local(text, ("yyyyMMddHHmmss",)) is None


def test_formats_are_written_in_vendors_letters():
    assert is_format("yyyyMMddHHmmss")
    assert is_format("yyyy-MM-ddTHH:mm:ss")
    assert not is_format("%Y-%m-%d")
    assert not is_format("HH:mm")
    assert not is_format("yyyy-MM-dd hh:mm")


def test_a_period_is_written_into_a_request_in_local_time():
    assert format_local(Period.parse("2023-01").starts_at, "yyyyMMddHHmmss") == "20221215000000"
    assert format_local(Period.parse("2023-01").last_date, "yyyy/MM/dd") == "2023/01/14"
