"""The supply inside a larger programme: load columns, scale, copies, whole units."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.supply import model as models
from wattpath.supply.block import SupplyBlock, add_supply
from wattpath.supply.dispatch import choose_days, dispatch
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import Periods
from wattpath.supply.program import Program
from wattpath.supply.result import read_supply
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import technologies

TECHNOLOGIES = technologies("grid", "recip", "solar", "wind", "battery", "SMR")


@pytest.fixture(scope="module")
def periods(load: np.ndarray, site: SiteHours) -> Periods:
    return choose_days(load, site, 5)


def build(
    site: SiteHours, periods: Periods, options: SupplyOptions | None = None, **more: object
) -> tuple[Program, SupplyBlock]:
    program = Program()
    return program, add_supply(program, TECHNOLOGIES, site, periods, options, **more)


def test_a_load_column_equals_a_fixed_load(
    load: np.ndarray, site: SiteHours, periods: Periods
) -> None:
    options = SupplyOptions(reserve=0.1, carbon_free_share=0.5, matched_share=0.3)
    fixed, block = build(site, periods, options)
    block.set_load(fixed, periods.take(load))
    drawn, other = build(site, periods, options)
    servers = drawn.variables("servers", 1, lower=1e5, upper=1e5)
    other.load(drawn, servers, periods.take(load) / 1e5)
    assert drawn.solve().objective == pytest.approx(fixed.solve().objective, rel=1e-7)


def test_load_may_move_between_steps(load: np.ndarray, site: SiteHours, periods: Periods) -> None:
    still, block = build(site, periods)
    block.set_load(still, periods.take(load))
    moved, other = build(site, periods)
    power = moved.variables("power", periods.n, upper=2 * load.max() / 1e6)
    other.load(moved, power[:, None], 1e6)
    work = moved.rows("work", 1, lower=periods.total(periods.take(load)) / 1e6)
    moved.add(work, power, periods.weights)
    assert moved.solve().objective < still.solve().objective


def test_the_scale_does_not_change_the_answer(
    load: np.ndarray, site: SiteHours, periods: Periods
) -> None:
    totals = []
    for scale in (Scale(1e6, 1e3), Scale(1e9, 1e6), Scale(1e7, 1e3)):
        program, block = build(site, periods, scale=scale)
        block.set_load(program, periods.take(load))
        totals.append(program.solve().objective * scale.money_usd)
    assert totals == pytest.approx([totals[0]] * 3, rel=1e-7)


def test_scale_around_a_peak() -> None:
    assert Scale.around(3e8) == Scale(1e6, 1e3)
    assert Scale.around(5e4) == Scale(100.0, 0.1)


def test_capacity_copies_do_not_change_the_answer(
    load: np.ndarray, site: SiteHours, periods: Periods, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = SupplyOptions(reserve=0.1, carbon_cap_kg=2e8)
    plain, block = build(site, periods, options)
    block.set_load(plain, periods.take(load))
    monkeypatch.setattr(models, "LONG", 10)
    copied, other = build(site, periods, options)
    other.set_load(copied, periods.take(load))
    assert copied.shape[1] > plain.shape[1]
    expected = plain.solve().objective
    for method in ("simplex", "hipo"):
        assert copied.solve(method=method).objective == pytest.approx(expected, rel=1e-6)


def test_two_supplies_stand_in_one_programme(
    load: np.ndarray, site: SiteHours, periods: Periods
) -> None:
    alone, block = build(site, periods)
    block.set_load(alone, periods.take(load))
    both = Program()
    for year in ("2027", "2030"):
        part = add_supply(both, TECHNOLOGIES, site, periods, prefix=year)
        part.set_load(both, periods.take(load))
    assert both.solve().objective == pytest.approx(2 * alone.solve().objective, rel=1e-7)


def test_fixed_capacities_cost_the_same_again(
    load: np.ndarray, site: SiteHours, periods: Periods
) -> None:
    best = dispatch(load, TECHNOLOGIES, site, periods=periods)
    program, block = build(site, periods)
    block.set_load(program, periods.take(load))
    block.fix(program, best.capacity_w, best.energy_j)
    again = read_supply(block, program.solve(), periods.take(load))
    assert again.total_usd == pytest.approx(best.total_usd, rel=1e-6)
    block.fix(program, {k: v * 0.5 for k, v in best.capacity_w.items()}, best.energy_j)
    assert program.solve().status == "infeasible"


def test_whole_units_are_whole_and_dearer(load: np.ndarray, site: SiteHours) -> None:
    pair = technologies("grid", "SMR")
    options = SupplyOptions(whole_units=("nuclear-smr",))
    whole = dispatch(load, pair, site, options, days=3)
    free = dispatch(load, pair, site, days=3)
    units = whole.capacity_w["nuclear-smr"] / pair[1].unit_w
    assert units == pytest.approx(round(units), abs=1e-6)
    assert units >= 1.0
    assert whole.total_usd > free.total_usd


def test_ramps_bind(load: np.ndarray, site: SiteHours, periods: Periods) -> None:
    """A plant that may not ramp gives the same all day."""
    from dataclasses import replace

    stiff = replace(technologies("SOFC")[0], ramp_per_h=0.0)
    result = dispatch(load, (stiff, *technologies("battery")), site, periods=periods)
    daily = result.output_w["fuel-cell-sofc"].reshape(365, 24)
    assert np.ptp(daily, axis=1) == pytest.approx(np.zeros(365), abs=1.0)


def test_backup_runs_few_hours(load: np.ndarray, site: SiteHours, periods: Periods) -> None:
    result = dispatch(load, technologies("grid", "diesel", "recip"), site, periods=periods)
    diesel = technologies("diesel")[0]
    hours = result.year_j["backup-diesel"] / 3600 / max(result.capacity_w["backup-diesel"], 1.0)
    assert hours <= diesel.annual_factor * 8760 * (1 + 1e-6)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rate": -0.1}, "rate"),
        ({"carbon_scope": "scope 4"}, "carbon_scope"),
        ({"grid_carbon": "green"}, "grid_carbon"),
        ({"carbon_free_share": 1.2}, "carbon_free_share"),
        ({"lead": "lucky"}, "lead"),
        ({"months": float("nan")}, "months"),
    ],
)
def test_bad_options_are_refused(
    options: dict[str, object], words: str, site: SiteHours, periods: Periods
) -> None:
    with pytest.raises(InputError, match=words):
        build(site, periods, SupplyOptions(**options))


def test_a_technology_is_given_once(site: SiteHours, periods: Periods) -> None:
    with pytest.raises(InputError, match="once"):
        add_supply(Program(), TECHNOLOGIES * 2, site, periods)


@pytest.mark.parametrize("name", ["limits_w", "existing_w"])
def test_limits_of_unknown_technologies_are_refused(
    site: SiteHours, periods: Periods, name: str
) -> None:
    with pytest.raises(InputError, match=f"{name} must .* Did you mean .*'solar-single-axis'"):
        build(site, periods, SupplyOptions(**{name: {"solar-single-axs": 1e6}}))
