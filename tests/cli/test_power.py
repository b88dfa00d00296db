"""`wattpath power` and `wattpath date` with everything that may be asked of a supply."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wattpath.cli import run

ISLAND = (
    "--set", "baseline.supply=[grid, gas-reciprocating-engine]",
    "--set", "grid={limit: 6 MW, price: 20 USD/MWh}",
    "--set", "months_available=60",
)  # fmt: skip


def ask(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    code = run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_whole_units_cover_the_loss_of_one(
    tiny_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "supply.html"
    asked = ("power", tiny_file, "--load", "45 MW", "--days", 3, *ISLAND)
    code, out, err = ask(capsys, *asked, "--whole-units", "--reserve", "--html", page, "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    engine = next(row for row in told["technologies"] if row["key"] == "gas-reciprocating-engine")
    assert engine["units"] == pytest.approx(round(engine["units"]), abs=1e-6)
    standing = sum(row["capacity_w"] for row in told["technologies"])
    assert standing - told["covered_loss_w"] >= 45e6 * (1.0 - 1e-6)
    assert -1e-9 <= told["gap_of_whole_units"] < 5e-3
    text = page.read_text(encoding="utf-8")
    for part in ("id='hard'", "id='year'", "id='price'", "stackgroup", "Tiny &lt;service&gt;"):
        assert part in text
    assert [file.name for file in tmp_path.iterdir()] == ["supply.html"]


def test_matching_and_caps_have_a_price(
    tiny_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("power", tiny_file, "--load", "10 MW", "--days", 4, *ISLAND)
    asked += ("--set", "baseline.supply=[grid, gas-reciprocating-engine, solar, wind, battery]")
    plain = json.loads(ask(capsys, *asked, "--json")[1])
    hourly = json.loads(ask(capsys, *asked, "--json", "--carbon-free", 0.9)[1])
    annual = json.loads(ask(capsys, *asked, "--json", "--matched", 1.0)[1])
    half = plain["carbon_kg_per_year"]["direct"] / 2e6
    capped = json.loads(ask(capsys, *asked, "--json", "--carbon-cap", f"{half * 1e3:.3f} t")[1])
    cost = [told["usd_per_mwh"] for told in (plain, annual, hourly, capped)]
    assert cost[0] < min(cost[1:])
    assert hourly["hourly_matching_usd_per_mwh"] > 0.0
    assert annual["annual_matching_usd_per_mwh"] > 0.0
    assert capped["carbon_cap_worth_usd_per_t"] > 0.0
    assert capped["carbon_kg_per_year"]["direct"] == pytest.approx(half * 1e6, rel=1e-4)
    assert plain["marginal_carbon_kg_per_mwh"] >= plain["carbon_kg_per_mwh"]
    out = ask(capsys, *asked, "--carbon-free", 0.9)[1]
    assert "one more clean MWh hour by hour" in out


def test_hours_without_grid_need_supply_of_their_own(
    tiny_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("power", tiny_file, "--load", "5 MW", "--days", 4, *ISLAND, "--json")
    cost = []
    for hours in (0, 100):
        told = json.loads(ask(capsys, *asked, "--grid-off", hours)[1])
        cost.append(told["cost_usd_per_year"])
        own = [r["capacity_w"] for r in told["technologies"] if r["key"] != "grid"]
        assert bool(hours) == (sum(own) >= 5e6)
    assert cost[1] > cost[0]


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--grid-off", "9000", "--grid-off must lie between 0 and 8,760"),
        ("--carbon-cap", "50 MW", "--carbon-cap must be a mass"),
        ("--carbon-cap", "-1 t", "--carbon-cap must be a mass >= 0"),
        ("--carbon-free", "1.2", "--carbon-free must lie between 0 and 1"),
        ("--matched", "-0.5", "--matched must lie between 0 and 2"),
        ("--html", "/nowhere/x.html", "--html must be"),
    ],
)
def test_bad_options_are_one_sentence(
    tiny_file: Path, capsys: pytest.CaptureFixture[str], option: str, value: str, sentence: str
) -> None:
    asked = ("power", tiny_file, "--load", "10 MW", "--days", 3, f"{option}={value}")
    code, out, err = ask(capsys, *asked)
    assert (code, out) == (2, "")
    assert err.startswith(f"wattpath: {sentence}")
    assert err.count("\n") == 1


def test_date_says_what_comes_last(tiny_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("date", tiny_file, "--load", "10 MW", "--days", 3, *ISLAND)
    told = json.loads(ask(capsys, *asked, "--json")[1])["readiness"]
    assert told["running_months"] == max(told["months"].values())
    assert told["months"][told["last"]] == told["running_months"]
    assert 0.0 < told["it_w"] < 10e6
    assert told["machines_usd_per_quarter"] > 0.0
    assert "Work begins in month" in ask(capsys, *asked)[1]


def test_halls_after_the_date_are_told(tiny_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("date", tiny_file, "--load", "10 MW", "--days", 3, *ISLAND, "--json")
    told = json.loads(ask(capsys, *asked, "--set", "months_available=16")[1])
    assert told["feasible"]
    assert told["first_full_months"] == pytest.approx(15.0)
    assert told["readiness"]["last"] == "halls"
    assert "Power can stand in 15 months, but the halls only in" in told["reasons"][0]
