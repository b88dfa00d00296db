"""Hourly grid price and carbon from CSV files of the common public kinds.

A file has one row per interval with a time in UTC (or with its offset) and a column whose
name, or a comment line ``# unit: USD/MWh`` above the header, says the unit. Recognised are
files such as::

    time_utc,price [USD/MWh]                       plain
    Datetime (UTC),...,Carbon Intensity gCO2eq/kWh (direct)     Electricity Maps
    MTU (UTC),Day-ahead Price [EUR/MWh]            ENTSO-E ("01.01.2024 00:00 - ...")
    Interval Start,...,LMP                         GridStatus, with the unit in a comment

Intervals shorter than an hour are averaged, and may become shorter within the year (ENTSO-E's
did in 2025). Nothing is filled in: a missing or doubled interval, a leap day, a time without
zone, an unknown unit, and values that no grid has ever had in that unit are refused.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wattpath.errors import FileInputError
from wattpath.supply.currency import usd_per

Floats = NDArray[np.float64]

#: Values of an hour by the minute at which they begin.
Hour = dict[float, float]

HOURS = 8760

#: Unit as it may stand in a file -> factor into SI (USD/J, kg/J); money other than USD is
#: multiplied by the rate that the caller gives.
PRICE_UNITS: Mapping[str, float] = {"/MWh": 1.0 / 3.6e9, "/kWh": 1.0 / 3.6e6}
CARBON_UNITS: Mapping[str, float] = {
    "g/kWh": 1e-3 / 3.6e6,
    "gCO2/kWh": 1e-3 / 3.6e6,
    "gCO2eq/kWh": 1e-3 / 3.6e6,
    "kg/MWh": 1.0 / 3.6e9,
    "kgCO2/MWh": 1.0 / 3.6e9,
    "kgCO2eq/MWh": 1.0 / 3.6e9,
    "kg/kWh": 1.0 / 3.6e6,
    "kgCO2/kWh": 1.0 / 3.6e6,
    "t/MWh": 1e3 / 3.6e9,
    "tCO2/MWh": 1e3 / 3.6e9,
    "lb/MWh": 0.45359237 / 3.6e9,
    "lbCO2/MWh": 0.45359237 / 3.6e9,
}

#: Mean prices of a year and prices of an hour that are believed [USD/MWh], and carbon [kg/MWh].
#: A year whose highest value stays below the last is in a larger unit than it says.
MEAN_PRICE, HOUR_PRICE, LEAST_PRICE = (-50.0, 1000.0), (-5000.0, 50_000.0), 2.0
HOUR_CARBON, LEAST_CARBON = (0.0, 1500.0), 1.5

_TIME_WORDS = ("datetime (utc)", "time_utc", "mtu (utc)", "interval start", "timestamp", "time")
_PRICE_WORDS = ("day-ahead price", "price", "lmp", "spp", "cost")
_CARBON_WORDS = ("carbon intensity gco2eq/kwh (direct)", "carbon", "co2", "intensity", "emission")
_FORMATS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M")


@dataclass(frozen=True, slots=True, eq=False)
class HourlySeries:
    """One year of hours in UTC: values in `unit` of the file, and its first hour."""

    values: Floats
    unit: str
    column: str
    year: int


def read_price(
    file: str | Path,
    utc_offset_h: float = 0.0,
    *,
    column: str | None = None,
    usd_per_unit: float | None = None,
    drop_leap_day: bool = False,
) -> Floats:
    """A year of grid prices in local standard time.

    Parameters
    ----------
    file : path
        The CSV file.
    utc_offset_h : float
        Local standard time of the site minus UTC [h]; the year is turned by it.
    column : str, optional
        Column to read, where the file has several.
    usd_per_unit : float, optional
        Dollars per unit of the file's money; without it, the catalogue's mean of the file's
        year, where it has one.
    drop_leap_day : bool
        Leave 29 February out.

    Returns
    -------
    ndarray, shape (8760,)
        [USD/J].

    Raises
    ------
    FileInputError
        For a file that is missing, has no such column, no unit, no known exchange rate, or
        not every hour once.
    """
    series = _read(Path(file), column, _PRICE_WORDS, drop_leap_day)
    money, factor = _money(file, series)
    rate = usd_per(money, series.year, str(file)) if usd_per_unit is None else usd_per_unit
    _believe_price(file, series, series.values * factor * rate * 3.6e9)
    return _local(series.values * factor * rate, utc_offset_h)


def exchange_of(file: str | Path) -> tuple[str, int, float]:
    """Money, calendar year and dollars per unit of a price file, by the catalogue.

    Raises
    ------
    FileInputError
        As `read_price`.
    """
    series = _read(Path(file), None, _PRICE_WORDS, drop_leap_day=False)
    money, _ = _money(file, series)
    return money.upper(), series.year, usd_per(money, series.year, str(file))


def _money(file: str | Path, series: HourlySeries) -> tuple[str, float]:
    """The money of a price file, and the factor of its energy into J."""
    money, slash, per = series.unit.replace(" ", "").replace("$", "USD").partition("/")
    factor = PRICE_UNITS.get(slash + per)
    if factor is None or not money:
        raise FileInputError(
            str(file), "give its unit as money per MWh or kWh", series.unit,
            "Name it in the column ('price [USD/MWh]') or in a line '# unit: USD/MWh'.",
        )  # fmt: skip
    return money, factor


def read_carbon(
    file: str | Path,
    utc_offset_h: float = 0.0,
    *,
    column: str | None = None,
    drop_leap_day: bool = False,
) -> Floats:
    """A year of grid carbon intensity in local standard time [kg/J], shape (8760,).

    Parameters and errors are those of `read_price`.
    """
    series = _read(Path(file), column, _CARBON_WORDS, drop_leap_day)
    unit = series.unit.replace(" ", "").replace("\u2082", "2").replace("CO2e/", "CO2eq/")
    factor = CARBON_UNITS.get(unit)
    if factor is None:
        raise FileInputError(
            str(file), f"give its unit as one of {', '.join(CARBON_UNITS)}", series.unit,
            "Name it in the column ('carbon [g/kWh]') or in a line '# unit: g/kWh'.",
        )  # fmt: skip
    _believe_carbon(file, series, series.values * factor * 3.6e9)
    return _local(series.values * factor, utc_offset_h)


def _believe_price(file: str | Path, series: HourlySeries, usd_mwh: Floats) -> None:
    """Refuse a year of prices that no market has had, which is a mix-up of units."""
    mean, low, high = float(usd_mwh.mean()), float(usd_mwh.min()), float(usd_mwh.max())
    if not MEAN_PRICE[0] <= mean <= MEAN_PRICE[1]:
        hint = "Is the column in money per MWh, or in cents?"
    elif not HOUR_PRICE[0] <= low <= high <= HOUR_PRICE[1]:
        hint = "Is one value a mark for missing data?"
    elif 0.0 < max(-low, high) < LEAST_PRICE:
        hint = "Is the column in money per kWh?"
    else:
        return
    told = f"{_told(low)} to {_told(high)} USD/MWh, {_told(mean)} on average ({series.unit})"
    raise FileInputError(str(file), "hold prices that a grid can have", told, hint)


def _believe_carbon(file: str | Path, series: HourlySeries, kg_mwh: Floats) -> None:
    """The same for carbon."""
    low, high = float(kg_mwh.min()), float(kg_mwh.max())
    if low < HOUR_CARBON[0]:
        hint = "Is a value a mark for missing data?"
    elif high > HOUR_CARBON[1]:
        hint = "Is the column in g/kWh (the same as kg/MWh) or in lb/MWh?"
    elif 0.0 < high < LEAST_CARBON:
        hint = "Is the column in t/MWh or kg/kWh?"
    else:
        return
    told = f"{_told(low)} to {_told(high)} kg/MWh ({series.unit})"
    raise FileInputError(str(file), "hold carbon that a grid can have", told, hint)


def _told(value: float) -> str:
    """A number without exponent."""
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def _local(values: Floats, utc_offset_h: float) -> Floats:
    """Turn a UTC year so that it starts at local midnight; half hours lie between two."""
    low, share = divmod(utc_offset_h, 1.0)
    turned = np.roll(values, int(low))
    return turned if share == 0.0 else (1.0 - share) * turned + share * np.roll(turned, 1)


def _read(
    file: Path, column: str | None, words: tuple[str, ...], drop_leap_day: bool
) -> HourlySeries:
    if not file.is_file():
        raise FileInputError(str(file), "be a CSV file that exists", str(file))
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        told = f"byte {error.start}"
        raise FileInputError(str(file), "be text in UTF-8", told, "Export it in UTF-8.") from None
    unit, lines = _comments(iter(text.splitlines(keepends=True)))
    rows = csv.DictReader(lines)
    names = list(rows.fieldnames or ())
    stamp = _pick(file, names, None, _TIME_WORDS, "a column of times in UTC")
    chosen = _pick(file, names, column, words, "a column of values")
    hours = _hourly(file, rows, stamp, chosen)
    unit = unit or _unit_of(chosen)
    values, year = _year(file, hours, drop_leap_day)
    return HourlySeries(values, unit, chosen, year)


def _comments(stream: Iterator[str]) -> tuple[str, Iterator[str]]:
    """The unit of a comment line, and the lines from the header on."""
    unit = ""
    for line in stream:
        if not line.startswith("#"):
            return unit, _chain(line, stream)
        found = re.match(r"#\s*unit\s*[:=]\s*(\S.*)", line, re.IGNORECASE)
        unit = found.group(1).strip() if found else unit
    return unit, iter(())


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from (line for line in rest if line.strip())


def _pick(
    file: Path, names: list[str], wanted: str | None, words: tuple[str, ...], what: str
) -> str:
    """The named column, or the first whose name holds one of the words."""
    if wanted is not None:
        if wanted in names:
            return wanted
        raise FileInputError(str(file), f"have the column {wanted!r}", names)
    for word in words:
        for name in names:
            if word in name.lower().replace("\u2082", "2"):
                return name
    raise FileInputError(str(file), f"have {what}", names)


def _unit_of(name: str) -> str:
    """The unit in brackets or parentheses of a column's name, or the Electricity Maps one."""
    maps = re.search(r"g\s?CO.?eq/kWh", name)
    if maps:
        return "gCO2eq/kWh"
    found = re.search(r"[\[(]([^\])]*/[^\])]*)[\])]", name)
    return found.group(1) if found else ""


def _hourly(file: Path, rows: csv.DictReader[str], stamp: str, column: str) -> dict[datetime, Hour]:
    """Hour in UTC -> the values that fall into it, by their minute."""
    hours: dict[datetime, Hour] = defaultdict(dict)
    seen: set[datetime] = set()
    for line, row in enumerate(rows, start=2):
        moment = _moment(file, row[stamp], line, "utc" in stamp.lower())
        if moment in seen:
            raise FileInputError(
                str(file), "have every time once", row[stamp],
                "A clock change in local time doubles an hour: export in UTC.",
            )  # fmt: skip
        seen.add(moment)
        try:
            value = float(row[column])
        except (TypeError, ValueError):
            raise FileInputError(
                str(file), f"have a number in column {column!r} of row {line}", row[column]
            ) from None
        if not np.isfinite(value):
            raise FileInputError(str(file), f"be finite in row {line}", row[column])
        hour = moment.replace(minute=0, second=0, microsecond=0)
        hours[hour][moment.minute + moment.second / 60.0] = value
    return hours


def _moment(file: Path, text: str | None, line: int, utc: bool) -> datetime:
    """A time in UTC; of an interval 'a - b' the start."""
    if text is None:
        raise FileInputError(str(file), f"have a time in row {line}", "nothing")
    start = re.split(r"\s+-\s+", text.strip())[0].strip()
    start = re.sub(r"^(\d\d)\.(\d\d)\.(\d{4})", r"\3-\2-\1", start)
    moment: datetime | None = None
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        for pattern in _FORMATS:
            try:
                moment = datetime.strptime(start, pattern)
                break
            except ValueError:
                continue
    if moment is None:
        raise FileInputError(str(file), f"have a time in row {line}", text)
    if moment.tzinfo is None:
        if not utc:
            raise FileInputError(
                str(file), f"say the zone of the time in row {line}", text,
                "Name the column 'time_utc', or write offsets such as 2024-01-01T00:00+00:00.",
            )  # fmt: skip
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


def _year(file: Path, hours: dict[datetime, Hour], drop_leap_day: bool) -> tuple[Floats, int]:
    """Every hour of one year in order of the calendar."""
    if not hours:
        raise FileInputError(str(file), "have rows", "an empty table")
    first = min(hours)
    leap = [h for h in hours if (h.month, h.day) == (2, 29)]
    if leap and not drop_leap_day:
        raise FileInputError(
            str(file), "have 8,760 hours", f"{len(hours)} with 29 February",
            "Delete its rows (in Python: drop_leap_day=True) or choose another year.",
        )  # fmt: skip
    everything = [first + timedelta(hours=i) for i in range(HOURS + 24 * bool(leap))]
    wanted = [h for h in everything if (h.month, h.day) != (2, 29)]
    for hour in _broken(wanted, hours):
        what = "not whole" if hour in hours else "missing"
        raise FileInputError(
            str(file), "have every hour of a year", f"{hour:%Y-%m-%d %H:%M} UTC is {what}"
        )
    if len(hours) - len(leap) != HOURS:
        raise FileInputError(str(file), "have 8,760 hours", f"{len(hours) - len(leap)} hours")
    order = sorted(wanted, key=lambda h: (h.month, h.day, h.hour))
    means = [sum(hours[h].values()) / len(hours[h]) for h in order]
    return np.array(means), everything[HOURS // 2].year


def _broken(wanted: list[datetime], hours: Mapping[datetime, Hour]) -> Iterator[datetime]:
    """Hours that lack an interval: uneven ones, and those with fewer or more than both beside."""
    counts = [len(hours.get(hour, ())) for hour in wanted]
    beside = zip([counts[1], *counts[:-1]], [*counts[1:], counts[-2]], strict=True)
    for hour, count, near in zip(wanted, counts, beside, strict=True):
        if count == 0 or count not in near or not _even(sorted(hours[hour])):
            yield hour


def _even(minutes: list[float]) -> bool:
    """Whether intervals that begin at these minutes of an hour fill it."""
    step = 60.0 / len(minutes)
    return all(abs(at - minutes[0] - i * step) < 1e-6 for i, at in enumerate(minutes))
