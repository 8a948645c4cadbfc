"""Declared formats of dates and numbers, a column at a time. Never guessed, never lenient: what does not fit is null.

Dates are written in the letters of vendors' manuals (yyyy MM dd HH mm ss, and d M H for one or two digits), or are named:
`epoch_ms`, `epoch_s`, `excel` (a serial number, or the text of a date cell). Times without a zone are Asia/Ho_Chi_Minh.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cchc.period import LOCAL

Ints = npt.NDArray[np.int64]
Whole = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]

_PARTS = {"yyyy": "year", "MM": "month", "dd": "day", "HH": "hour", "mm": "minute", "ss": "second",
          "M": "month", "d": "day", "H": "hour"}  # fmt: skip
_STRFTIME = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_TOKEN = re.compile("yyyy|MM|dd|HH|mm|ss|M|d|H")
_SECOND = np.int64(1_000_000)
_DAY = 86_400 * _SECOND
_LATEST = np.int64(4_102_444_800) * _SECOND  # 2100: a longer number is a date in digits, not an epoch
# Vietnam has kept UTC+7 since 13 June 1975, before any record of a source.
_OFFSET = np.int64(LOCAL.utcoffset(datetime(2000, 1, 1)).total_seconds() * _SECOND)  # type: ignore[union-attr]  # noqa: DTZ001
NAMED_DATES = ("epoch_ms", "epoch_s", "excel")


def is_date_format(text: str) -> bool:
    """Whether `text` can be read back: a year, a month and a day at least, and nothing but separators besides."""
    if text in NAMED_DATES:
        return True
    parts = [_PARTS[token] for token in _TOKEN.findall(text)]
    rest = _TOKEN.sub("", text).replace("T", "")
    return {"year", "month", "day"} <= set(parts) and len(parts) == len(set(parts)) and not re.search(r"\w", rest)


def parse_instants(texts: pa.Array, forms: tuple[str, ...]) -> pa.Array:
    """Instants as timestamp[us, UTC] by the first form that fits each text; null where none does.

    A date that does not exist (30 February) fits no form.
    """
    found = np.zeros(len(texts), np.int64)
    open_ = ~_nulls(texts)
    for form in forms:
        places = np.flatnonzero(open_)
        if not len(places):
            break
        some = texts if len(places) == len(texts) else texts.take(pa.array(places))
        moments, fits = _READERS.get(form, lambda some, form=form: _by_letters(some, form))(some)
        if fits.all():
            found[places], open_[places] = moments, False
        else:
            found[places[fits]] = moments[fits]
            open_[places[fits]] = False
    mask = open_ | _nulls(texts)
    return pa.array(found, mask=mask if mask.any() else None).view(pa.timestamp("us", tz="UTC"))


def local_dates(instants: pa.Array) -> pa.Array:
    """The local date of each instant."""
    shifted = pc.add(instants.view(pa.int64()), pa.scalar(int(_OFFSET)))
    return shifted.view(pa.timestamp("us")).cast(pa.date32(), safe=False)


def _nulls(texts: pa.Array) -> Mask:
    return np.asarray(texts.is_null().to_numpy(zero_copy_only=False))


def _by_letters(texts: pa.Array, form: str) -> tuple[Ints, Mask]:
    """Microseconds UTC of texts without nulls, and which of them fit the letters of `form`."""
    read = _fixed_width if all(len(t) > 1 for t in _TOKEN.findall(form)) else _any_width
    parts, fits = read(texts, form)
    year, month, day = (parts[name] for name in ("year", "month", "day"))
    hour, minute, second = (parts.get(name, np.zeros(len(texts), np.uint8)) for name in ("hour", "minute", "second"))
    fits = fits & (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    months = np.where(fits, year * np.int32(12) + month - np.int32(1), 0)
    first, starts = _first_days()[months], _first_days()
    fits &= first + day <= starts[months + 1]
    seconds = hour * np.int32(3600) + minute * np.int32(60) + second
    return (first + day - np.int64(1)) * _DAY + seconds * _SECOND - _OFFSET, fits


@lru_cache
def _first_days() -> npt.NDArray[np.int32]:
    """The first day of each month from the year 0 on, in days since 1970."""
    return np.arange("0000-01", "10000-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int32)


def _fixed_width(texts: pa.Array, form: str) -> tuple[dict[str, Whole], Mask]:
    """Reads the digits where the form has them. Texts of another length, or with anything else between, do not fit.

    Where a text does not fit, its numbers mean nothing.
    """
    width = len(form)
    fits = np.asarray(pc.equal(pc.binary_length(texts), width).to_numpy(zero_copy_only=False)).astype(bool)
    chosen = texts if fits.all() else pc.filter(texts, pa.array(fits))
    letters = np.ascontiguousarray(bytes_of(chosen)[1].reshape(-1, width).T) - np.uint8(ord("0"))
    parts, good = {}, np.ones(len(chosen), bool)
    at = 0
    for token in (*_TOKEN.finditer(form), None):
        for place in range(at, token.start() if token else width):
            good &= letters[place] == (ord(form[place]) - ord("0")) % 256
        if token:
            values = letters[token.start()].astype(np.uint8 if len(token[0]) < 3 else np.int32)
            good &= letters[token.start()] <= 9
            for digits in letters[token.start() + 1 : token.end()]:
                good &= digits <= 9
                values = values * values.dtype.type(10) + digits
            parts[_PARTS[token[0]]] = values
            at = token.end()
    if len(chosen) == len(texts):
        return parts, good
    whole = {name: np.zeros(len(texts), numbers.dtype) for name, numbers in parts.items()}
    for name, numbers in parts.items():
        whole[name][fits] = numbers
    fits[fits] = good
    return whole, fits


def bytes_of(texts: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Where each text begins, and where the last one ends, and the bytes of all from the first one's on; without a copy."""
    if not len(texts):
        return np.zeros(1, np.int32), np.zeros(0, np.uint8)
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return ends, np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]]


@lru_cache
def _regex(form: str) -> str:
    parts, at = [], 0
    for token in _TOKEN.finditer(form):
        digits = r"[0-9]{1,2}" if len(token[0]) == 1 else rf"[0-9]{{{len(token[0])}}}"
        parts += [re.escape(form[at : token.start()]), f"(?P<{_PARTS[token[0]]}>{digits})"]
        at = token.end()
    return "^" + "".join(parts) + re.escape(form[at:]) + "$"


def _any_width(texts: pa.Array, form: str) -> tuple[dict[str, Whole], Mask]:
    found = pc.extract_regex(texts, _regex(form))
    fits = ~_nulls(found)
    parts = {
        name: np.asarray(pc.fill_null(pc.struct_field(found, name), "0").cast(pa.int64()))
        for name in (_PARTS[token] for token in _TOKEN.findall(form))
    }
    return parts, fits


def _epoch(unit: int) -> Callable[[pa.Array], tuple[Ints, Mask]]:
    def read(texts: pa.Array) -> tuple[Ints, Mask]:
        numbers = parse_integers(texts, r"[0-9]{1,15}")
        values = np.asarray(pc.fill_null(numbers, 0)) * np.int64(unit)
        return values, ~_nulls(numbers) & (values < _LATEST)

    return read


def _excel(texts: pa.Array) -> tuple[Ints, Mask]:
    """Days since 30 December 1899, from 1 March 1900 on (before it Excel counts a day that never was), or a date as text."""
    matches = pc.match_substring_regex(texts, r"^[0-9]{1,7}(\.[0-9]{1,17})?$")
    days = np.asarray(pc.if_else(matches, texts, "0").cast(pa.float64()))
    fits = np.asarray(matches.to_numpy(zero_copy_only=False)).astype(bool) & (days >= 61) & (days < 2_958_466)
    seconds = np.rint(np.where(fits, days - 25_569, 0) * 86_400).astype(np.int64)
    moments = seconds * _SECOND - _OFFSET
    for form in ("yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd"):
        written, good = _by_letters(texts, form)
        moments, fits = np.where(good, written, moments), fits | good
    return moments, fits


_READERS: dict[str, Callable[[pa.Array], tuple[Ints, Mask]]] = {
    "epoch_ms": _epoch(1_000),
    "epoch_s": _epoch(1_000_000),
    "excel": _excel,
}


def parse_integers(texts: pa.Array, form: str = "-?(?:0|[1-9][0-9]{0,14})") -> pa.Array:
    """Whole numbers written in digits alone; null for everything else. A zero in front makes it a code or a telephone."""
    good = pc.match_substring_regex(texts, f"^(?:{form})$")
    return pc.if_else(good, texts, pa.scalar(None, pa.string())).cast(pa.int64())


_GROUPED = r"[0-9]{1,3}(?:[.][0-9]{3})*|[0-9]{1,15}"
_MILLIONTH = Decimal("0.000001")
_MOST = Decimal(10) ** 12  # what a contract's decimal can hold; more is a telephone number or a slip
NUMBERS: dict[str, tuple[str, Callable[[str], Decimal]]] = {
    "digits": (r"-?[0-9]{1,15}", Decimal),
    "vi_integer": (rf"-?(?:{_GROUPED})", lambda text: Decimal(text.replace(".", ""))),
    "decimal_comma": (rf"-?(?:{_GROUPED})(?:,[0-9]{{1,6}})?", lambda t: Decimal(t.replace(".", "").replace(",", "."))),
    "decimal_dot": (r"-?[0-9]{1,12}(?:[.][0-9]{1,17})?", Decimal),
    "percent_comma": (r"-?[0-9]{1,6}(?:,[0-9]{1,4})?\s?%", lambda t: Decimal(t.rstrip("% ").replace(",", ".")) / 100),
    "percent_dot": (r"-?[0-9]{1,6}(?:[.][0-9]{1,4})?\s?%", lambda t: Decimal(t.rstrip("% ")) / 100),
    "hundredths_comma": (r"-?[0-9]{1,6}(?:,[0-9]{1,4})?", lambda t: Decimal(t.replace(",", ".")) / 100),
    "hundredths_dot": (r"-?[0-9]{1,6}(?:[.][0-9]{1,4})?", lambda t: Decimal(t) / 100),
}


def parse_numbers(texts: pa.Array, forms: tuple[str, ...]) -> pa.Array:
    """Numbers as decimal128(18, 6) by the first form that fits each text; null where none does.

    `percent_…` has its sign and `hundredths_…` has none; both become a share, 0 to 1.
    """
    distinct = pc.unique(texts.drop_null())
    read = [_number(text, forms) for text in distinct.to_pylist()]
    return pa.array(read, pa.decimal128(18, 6)).take(pc.index_in(texts, distinct))


def _number(text: str, forms: tuple[str, ...]) -> Decimal | None:
    for form in forms:
        pattern, read = NUMBERS[form]
        if re.fullmatch(pattern, text, re.ASCII):
            value = read(text)
            return value.quantize(_MILLIONTH) if abs(value) < _MOST else None
    return None


def can_write(form: str) -> bool:
    """Whether `format_local` knows all the letters of `form`."""
    rest = _TOKEN.sub("", form).replace("T", "")
    whole = all(token in _STRFTIME for token in _TOKEN.findall(form))
    return form in ("epoch_ms", "epoch_s") or (rest != form and whole and not re.search(r"[^\W\d_]|%", rest))


def format_local(moment: datetime | date, form: str) -> str:
    """`moment`, an instant in local time, in the letters of `form`, or as `epoch_ms` / `epoch_s`."""
    if form in ("epoch_ms", "epoch_s"):
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day, tzinfo=LOCAL)
        return str(int(moment.timestamp()) * (1000 if form == "epoch_ms" else 1))
    if isinstance(moment, datetime):
        moment = moment.astimezone(LOCAL)
    return moment.strftime(_TOKEN.sub(lambda token: _STRFTIME[token[0]], form))
