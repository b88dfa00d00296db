"""Speed of the supply layer: representative days cold and warm, and the whole year.

Where PyPSA is installed, the same year is solved there too and the optima are compared.
"""

from __future__ import annotations

import time
from importlib.util import find_spec

import numpy as np

from wattpath import supply
from wattpath.facility import load_weather

NAMES = ("grid", "gas-combined-cycle-f", "nuclear-large", "solar", "wind", "battery")


def place() -> tuple[supply.SiteHours, np.ndarray]:
    """A gigawatt near Abilene with 300 MW of grid."""
    weather = load_weather("us-abilene")
    sun = supply.solar_capacity_factor(
        weather.latitude, weather.longitude, weather.utc_offset_h, weather.ghi_w_m2,
        weather.dni_w_m2, weather.dhi_w_m2, weather.dry_bulb_c, weather.wind_speed_m_s,
    )  # fmt: skip
    wind = supply.wind_capacity_factor(
        weather.wind_at(115.0), 115.0, weather.dry_bulb_c, weather.pressure_pa
    )
    site = supply.site_hours(
        "us-abilene", solar_cf=sun, wind_cf=wind, dry_bulb_c=weather.dry_bulb_c, grid_limit_w=3e8
    )
    daily = 0.05 * np.sin(np.arange(8760) / 24.0 * 2.0 * np.pi)
    return site, 1e9 * (0.9 + daily + 0.05 * (weather.dry_bulb_c - 15.0) / 25.0)


def screening(site: supply.SiteHours, load: np.ndarray, options: supply.SupplyOptions) -> None:
    """Time the rule over a lattice of designs and compare its best with the optimum."""
    choice = supply.technologies("grid", "gas-reciprocating-engine", "solar", "wind", "battery")
    parts = dict(zip(("grid", "firm", "solar", "wind", "storage"), choice, strict=True))
    peak = float(load.max())
    designs = supply.lattice(
        grid_w=[3e8], firm_w=peak * np.linspace(0.5, 1.1, 13), solar_w=peak * np.linspace(0, 1, 11),
        wind_w=peak * np.linspace(0, 2, 11), storage_w=peak * np.linspace(0, 0.2, 3),
        storage_j=peak * 3600 * np.linspace(0, 0.8, 3),
    )  # fmt: skip
    supply.screen(load, parts, site, designs[:2])
    started = time.perf_counter()
    found = supply.screen(load, parts, site, designs)
    taken = time.perf_counter() - started
    optimum = supply.dispatch(load, choice, site).total_usd
    print(
        f"screening: {len(designs)} designs x 8,760 h in {taken:.2f} s, best within "
        f"{found.gap(optimum):.1%} of the exact optimum of the year"
    )


def oracle(
    site: supply.SiteHours, load: np.ndarray, options: supply.SupplyOptions, ours_usd: float
) -> None:
    """Solve the same year with PyPSA and HiGHS's interior point, without crossover."""
    from wattpath.supply.pypsa import counterpart

    started, cpu = time.perf_counter(), time.process_time()
    network = counterpart(load, supply.technologies(*NAMES), site, options)
    found = network.optimum_usd(solver="ipm", run_crossover="off")
    wall, used = time.perf_counter() - started, time.process_time() - cpu
    print(
        f"8,760 h, PyPSA: {used:.1f} CPU-s, {wall:.1f} s, {found / 1e6:.3f} M USD a year, "
        f"ours {ours_usd / found - 1.0:+.1e} of it"
    )


def whole(site: supply.SiteHours, load: np.ndarray) -> None:
    """Time whole units with a covered outage: six days, then the year."""
    names = ("grid", "gas-combined-cycle-f", "gas-simple-cycle", "gas-reciprocating-engine")
    choice = supply.technologies(*names, "solar", "wind", "battery")
    options = supply.SupplyOptions(outage_reserve=True)
    for days in (6, None):
        cpu = time.process_time()
        found = supply.dispatch_units(load, choice, site, options, days=days)
        print(
            f"whole units, {days or 'all'} days: {time.process_time() - cpu:.1f} CPU-s, within "
            f"{found.total_usd / found.bound_usd - 1.0:.2%} of the bound"
        )


def main() -> None:
    """Time a cold solve, warm solves after a change of bounds, and the year with a cap."""
    site, load = place()
    options = supply.SupplyOptions(carbon_cap_kg=8e8)
    technologies = supply.technologies(*NAMES)
    days = supply.choose_days(load, site, 10)
    program = supply.Program()
    block = supply.add_supply(program, technologies, site, days, options)
    block.set_load(program, days.take(load))
    first = program.solve()
    print(f"10 days, {program.shape[0]} rows: {first.seconds * 1e3:.0f} ms cold")
    solar = block.capacity["solar-single-axis"]
    warm = []
    for share in np.linspace(0.2, 1.0, 20):
        program.set_bounds(solar, 0.0, share * first.x[solar])
        warm.append(program.solve().seconds)
    print(f"warm after a bound: median {np.median(warm) * 1e3:.1f} ms")
    started, cpu = time.perf_counter(), time.process_time()
    result = supply.dispatch(load, technologies, site, options)
    wall, used = time.perf_counter() - started, time.process_time() - cpu
    print(
        f"8,760 h, {result.solution.method}: {used:.1f} CPU-s, {wall:.1f} s, "
        f"{result.total_usd / 1e6:.3f} M USD a year, gap {result.solution.gap:.0e}"
    )
    if find_spec("pypsa") is not None:
        oracle(site, load, options, result.total_usd)
    screening(site, load, options)
    whole(site, load)
    gap = first.objective * block.scale.money_usd / result.total_usd - 1.0
    print(f"10 days against the year: {gap:+.2%}")


if __name__ == "__main__":
    main()
