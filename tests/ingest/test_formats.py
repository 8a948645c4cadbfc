from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc.period import LOCAL, Period
from ingest.formats import format_local, is_date_format, local_dates, parse_instants, parse_numbers


def instants(*texts: str | None, by: tuple[str, ...] = ("yyyyMMddHHmmss",)) -> list[datetime | None]:
    return parse_instants(pa.array(texts, pa.string()), by).to_pylist()


def numbers(*texts: str | None, by: tuple[str, ...]) -> list[Decimal | None]:
    return parse_numbers(pa.array(texts, pa.string()), by).to_pylist()


def test_source_times_are_local_and_known_by_their_declared_form():
    at = datetime(2023, 1, 15, 0, 30, tzinfo=UTC)
    assert instants("20230115073000") == [at]
    mixed = ("yyyyMMddHHmmss", "dd/MM/yyyy HH:mm:ss")
    assert instants("15/01/2023 07:30:00", None, "20230115073000", by=mixed) == [at, None, at]
    assert instants("2023-01-15", by=("yyyy-MM-dd",)) == [datetime(2023, 1, 15, tzinfo=LOCAL)]


@pytest.mark.parametrize(
    "text",
    ["20230230080000", "20231301080000", "20230115250000", "2023011508000", "20230115080000 ", "１２３４0115080000", "",
     "20230100000000", "20230015000000", "00000115000000", "2023011508000x"],
)  # fmt: skip
def test_a_date_that_does_not_exist_or_does_not_fit_is_never_bent_into_one(text):
    assert instants(text) == [None]


@pytest.mark.parametrize(
    ("text", "form"),
    [("5/1/2023 7:30", "d/M/yyyy H:mm"), ("05/01/2023 07:30", "d/M/yyyy H:mm"), ("1672878600000", "epoch_ms"),
     ("1672878600", "epoch_s"), ("44931.3125", "excel"), ("2023-01-05 07:30:00", "excel")],
)  # fmt: skip
def test_one_instant_in_every_declared_form(text, form):
    assert instants(text, by=(form,)) == [datetime(2023, 1, 5, 0, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("text", "form"),
    [("32/1/2023 7:30", "d/M/yyyy H:mm"), ("5/1/23 7:30", "d/M/yyyy H:mm"), ("20230115073000", "epoch_ms"),
     ("-5", "epoch_s"), ("1e9", "epoch_s"), ("60", "excel"), ("44931,5", "excel"), ("9999999", "excel")],
)  # fmt: skip
def test_what_is_not_in_the_declared_form_is_not_read(text, form):
    assert instants(text, by=(form,)) == [None]


@given(st.datetimes(datetime(1976, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001  hypothesis takes them naive
def test_every_local_time_comes_back_from_every_form(moment):
    local = moment.replace(microsecond=0, tzinfo=LOCAL)
    for form in ("yyyyMMddHHmmss", "dd/MM/yyyy HH:mm:ss", "d/M/yyyy H:mm:ss".replace("d", "dd", 1)):
        text = f"{local:%Y%m%d%H%M%S}" if form.startswith("yyyy") else f"{local:%d/%m/%Y %H:%M:%S}"
        assert instants(text, by=(form,)) == [local]
    (found,) = local_dates(parse_instants(pa.array([f"{local:%Y%m%d%H%M%S}"]), ("yyyyMMddHHmmss",))).to_pylist()
    assert found == local.date()


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [("1.467", "vi_integer", "1467"), ("01", "vi_integer", "1"), ("99,45", "decimal_comma", "99.45"), ("0", "digits", "0"),
     ("1.467,5", "decimal_comma", "1467.5"), ("54.21", "decimal_dot", "54.21"), ("99,45%", "percent_comma", "0.9945"),
     ("54.21%", "percent_dot", "0.5421"), ("100 %", "percent_dot", "1"),
     ("99,45", "hundredths_comma", "0.9945"), ("100", "hundredths_dot", "1"), ("0.666666666666667", "decimal_dot", "0.666667")],
)  # fmt: skip
def test_numbers_are_read_by_their_declared_form(text, form, value):
    assert numbers(text, by=(form,)) == [Decimal(value)]


@pytest.mark.parametrize(
    ("text", "form"),
    [("1.46", "vi_integer"), ("1,467", "vi_integer"), ("99.45", "decimal_comma"), ("54,21%", "percent_dot"), ("1 467", "digits"),
     ("٣", "digits"), ("54.21", "percent_dot"), ("--1", "digits"), ("Không có", "vi_integer"), ("54.21%", "hundredths_dot")],
)  # fmt: skip
def test_a_number_in_another_form_is_never_guessed(text, form):
    assert numbers(text, by=(form,)) == [None]


def test_formats_are_written_in_vendors_letters():
    assert is_date_format("yyyyMMddHHmmss")
    assert is_date_format("yyyy-MM-ddTHH:mm:ss")
    assert not is_date_format("%Y-%m-%d")
    assert not is_date_format("HH:mm")
    assert not is_date_format("yyyy-MM-dd hh:mm")
    assert is_date_format("d/M/yyyy H:mm")
    assert not is_date_format("yyyy-MM-dd dd")


def test_a_period_is_written_into_a_request_in_local_time():
    assert format_local(Period.parse("2023-01").starts_at, "yyyyMMddHHmmss") == "20221215000000"
    assert format_local(Period.parse("2023-01").last_date, "yyyy/MM/dd") == "2023/01/14"
    assert format_local(Period.parse("2023-01").starts_at, "epoch_ms") == "1671037200000"


@pytest.mark.parametrize("text", ["030190001234567", "1.000.000.000.000", "-1000000000000", "9" * 15, "1" + ".000" * 9])
def test_a_number_that_no_column_can_hold_is_none_and_not_a_crash(text):
    forms = ("vi_integer", "digits", "decimal_comma", "decimal_dot")
    assert parse_numbers(pa.array([text, "1"]), forms).to_pylist() == [None, Decimal(1)]
