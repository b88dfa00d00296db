"""Price and carbon files: the common kinds are read, broken ones are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from wattpath.errors import FileInputError
from wattpath.supply.readers import read_carbon, read_price

START = datetime(2023, 1, 1, tzinfo=UTC)
VALUES = 30.0 + np.arange(8760) % 24


def write(file: Path, header: str, rows: list[str]) -> Path:
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def plain(values: np.ndarray = VALUES, start: datetime = START) -> list[str]:
    return [f"{start + timedelta(hours=i):%Y-%m-%dT%H:%M},{v}" for i, v in enumerate(values)]


def test_a_plain_price_file(tmp_path: Path) -> None:
    file = write(tmp_path / "p.csv", "time_utc,price [USD/MWh]", plain())
    assert read_price(file) == pytest.approx(VALUES / 3.6e9)


def test_local_time_turns_the_year(tmp_path: Path) -> None:
    file = write(tmp_path / "p.csv", "time_utc,price [USD/MWh]", plain())
    local = read_price(file, -6.0) * 3.6e9
    assert local[0] == pytest.approx(VALUES[6])  # local midnight is 06:00 UTC
    assert local.mean() == pytest.approx(VALUES.mean())


def test_the_unit_may_stand_in_a_comment(tmp_path: Path) -> None:
    rows = [f"{START + timedelta(hours=i):%Y-%m-%d %H:%M:%S}+00:00,{v}" for i, v in
            enumerate(VALUES)]  # fmt: skip
    file = write(tmp_path / "p.csv", "# node: HB_WEST\n# unit: $/MWh\nInterval Start,LMP", rows)
    assert read_price(file) == pytest.approx(VALUES / 3.6e9)


def test_electricity_maps(tmp_path: Path) -> None:
    kinds = [f"Carbon Intensity gCO₂eq/kWh ({kind})" for kind in ("direct", "LCA")]
    head = ",".join(["Datetime (UTC)", "Country", *kinds])
    rows = [f"{START + timedelta(hours=i):%Y-%m-%d %H:%M:%S},US,{v},{2 * v}" for i, v in
            enumerate(VALUES)]  # fmt: skip
    file = write(tmp_path / "c.csv", head, rows)
    assert read_carbon(file) == pytest.approx(VALUES / 3.6e9)
    assert read_carbon(file, column=kinds[1]) == pytest.approx(2 * VALUES / 3.6e9)


def test_entsoe_quarter_hours_in_euro(tmp_path: Path) -> None:
    def span(i: int) -> str:
        a, b = START + timedelta(minutes=15 * i), START + timedelta(minutes=15 * (i + 1))
        return f"{a:%d.%m.%Y %H:%M} - {b:%d.%m.%Y %H:%M}"

    rows = [f"{span(i)},{VALUES[i // 4] + (i % 4) - 1.5}" for i in range(4 * 8760)]
    file = write(tmp_path / "e.csv", "MTU (UTC),Day-ahead Price [EUR/MWh]", rows)
    assert read_price(file, usd_per_unit=1.1) == pytest.approx(1.1 * VALUES / 3.6e9)
    assert read_price(file) == pytest.approx(1.0817 * VALUES / 3.6e9)  # the mean of 2023


def test_intervals_may_become_shorter_within_the_year(tmp_path: Path) -> None:
    rows = plain()[:5000]
    for i in range(5000, 8760):
        for minute in (0, 15, 30, 45):
            at = START + timedelta(hours=i, minutes=minute)
            rows.append(f"{at:%Y-%m-%d %H:%M},{VALUES[i] + minute / 30 - 0.75}")
    header = "time_utc,price [USD/MWh]"
    assert read_price(write(tmp_path / "p.csv", header, rows)) == pytest.approx(VALUES / 3.6e9)
    for gone in (6000, 20_000):
        with pytest.raises(FileInputError, match="UTC is not whole"):
            read_price(write(tmp_path / "gap.csv", header, rows[:gone] + rows[gone + 1 :]))
    hourly_gap = rows[:3000] + rows[3001:]
    with pytest.raises(FileInputError, match="UTC is missing"):
        read_price(write(tmp_path / "gap.csv", header, hourly_gap))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes("time_utc,Preis für Strom [EUR/MWh]\n".encode("latin-1"))
    with pytest.raises(FileInputError, match="be text in UTF-8"):
        read_price(file)


def test_money_without_a_known_rate_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "p.csv", "time_utc,price [PLN/MWh]", plain())
    with pytest.raises(FileInputError, match=r"grid\.exchange_rate, the dollars per PLN"):
        read_price(file)
    early = plain(start=datetime(2018, 1, 1, tzinfo=UTC))
    file = write(tmp_path / "q.csv", "time_utc,price [EUR/MWh]", early)
    with pytest.raises(FileInputError, match=r"from 2020 to 2023 .* Got 2018"):
        read_price(file)


def test_a_leap_year_is_taken_only_on_request(tmp_path: Path) -> None:
    rows = plain(np.arange(8784.0) / 100.0, datetime(2024, 1, 1, tzinfo=UTC))
    file = write(tmp_path / "p.csv", "time_utc,price [USD/MWh]", rows)
    with pytest.raises(FileInputError, match="29 February"):
        read_price(file)
    year = read_price(file, drop_leap_day=True) * 3.6e9
    assert year.shape == (8760,)
    assert year[59 * 24] == pytest.approx(0.6 * 24)


@pytest.mark.parametrize("unit", ["g/kWh", "kg/MWh"])
def test_carbon_units(tmp_path: Path, unit: str) -> None:
    file = write(tmp_path / "c.csv", f"time_utc,carbon [{unit}]", plain())
    assert read_carbon(file) == pytest.approx(VALUES / 3.6e9)


@pytest.mark.parametrize(
    ("header", "rows", "words"),
    [
        ("time_utc,price", plain(), "unit"),
        ("time_utc,price [USD/ton]", plain(), "unit"),
        ("time,price [USD/MWh]", plain(), "zone"),
        ("time_utc,price [USD/MWh]", plain()[:-1], "missing"),
        ("time_utc,price [USD/MWh]", plain()[:500] + plain()[501:], "2023-01-21 20:00 UTC"),
        ("time_utc,price [USD/MWh]", plain()[:500] + plain()[499:], "every time once"),
        ("time_utc,price [USD/MWh]", ["yesterday,3"], "have a time"),
        ("price [USD/MWh],time_utc", ["3"], "have a time in row 2"),
        ("time_utc,price [USD/MWh]", [plain()[0].split(",")[0] + ",n/a"], "number"),
        ("time_utc,price [USD/MWh]", [plain()[0].split(",")[0] + ",nan"], "finite"),
        ("time_utc,price [USD/MWh]", [], "rows"),
        ("when,price [USD/MWh]", plain(), "times in UTC"),
        ("time_utc,value [USD/MWh]", plain(), "column of values"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, header: str, rows: list[str], words: str) -> None:
    with pytest.raises(FileInputError, match=words):
        read_price(write(tmp_path / "p.csv", header, rows))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileInputError, match="exists"):
        read_price(tmp_path / "no.csv")
    file = write(tmp_path / "p.csv", "time_utc,price [USD/MWh]", plain())
    with pytest.raises(FileInputError, match="'LMP'"):
        read_price(file, column="LMP")


@pytest.mark.parametrize(
    ("unit", "values", "hint"),
    [
        ("USD/kWh", VALUES, "per MWh"),
        ("USD/MWh", VALUES / 1e3, "per kWh"),
        ("USD/MWh", np.where(np.arange(8760) == 7, 999999.0, VALUES), "missing data"),
        ("USD/MWh", np.where(np.arange(8760) == 7, -9999.0, VALUES), "missing data"),
    ],
)
def test_prices_that_no_grid_has_are_a_mix_up(
    tmp_path: Path, unit: str, values: np.ndarray, hint: str
) -> None:
    file = write(tmp_path / "p.csv", f"time_utc,price [{unit}]", plain(values))
    with pytest.raises(FileInputError, match="hold prices that a grid can have") as error:
        read_price(file)
    assert hint in str(error.value)


@pytest.mark.parametrize(
    ("unit", "scale", "hint"),
    [("kg/MWh", 1e-2, "t/MWh"), ("t/MWh", 10.0, "g/kWh"), ("g/kWh", -1.0, "missing data")],
)
def test_carbon_that_no_grid_has_is_a_mix_up(
    tmp_path: Path, unit: str, scale: float, hint: str
) -> None:
    file = write(tmp_path / "c.csv", f"time_utc,carbon [{unit}]", plain(VALUES * scale))
    with pytest.raises(FileInputError, match="hold carbon that a grid can have") as error:
        read_carbon(file)
    assert hint in str(error.value)


def test_half_an_hour_of_zone_lies_between_two_hours(tmp_path: Path) -> None:
    file = write(tmp_path / "p.csv", "time_utc,price [USD/MWh]", plain())
    india = read_price(file, 5.5) * 3.6e9
    assert india[0] == pytest.approx((VALUES[18] + VALUES[19]) / 2.0)  # 18:30 to 19:30 UTC
    assert india.mean() == pytest.approx(VALUES.mean())
