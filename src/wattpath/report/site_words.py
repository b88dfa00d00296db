"""What a facility's answer says, as rows and sentences for the terminal and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wattpath import catalog
from wattpath.report.words import amount, amounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wattpath.plan.place.duties import Duties
    from wattpath.plan.place.hall import FacilityAnswer, System

Rows = list[list[str]]

#: Parts of a facility in words.
PARTS = {
    "fans": "fans of halls and air handlers",
    "pumps": "pumps",
    "compressors": "compressors",
    "rejection_fans": "fans of towers and dry coolers",
    "other": "lighting and other",
    "electrical": "losses of the electrical chain",
}

SYSTEM_HEADS = ("PUE", "L/kWh", "peak", "capital", "cost a year")
MISFIT_HEADS = ("PUE", "L/kWh", "why not")
REDUNDANCY_HEADS = ("", "hours a year without power", "PUE", "capital")
UNIT_HEADS = ("", "units", "months", "to all", "a year", "capital")
REFIT_HEADS = ("", "PUE", "more IT", "saves", "months", "capital")
LOAD_HEADS = ("IT load", "PUE", "electrical chain")


def answer_of(told: dict[str, Any]) -> str:
    """The year in a sentence.

    Parameters
    ----------
    told : dict
        The form of `FacilityAnswer.to_json`, here and below.
    """
    worst = told["worst_hour"]
    return (
        f"PUE {told['pue']:.3f} and {told['wue_l_kwh']:.2f} L/kWh of water over the year; in the "
        f"worst hour ({worst['when']}, {worst['dry_bulb_c']:.1f} °C) PUE {worst['pue']:.3f} and "
        f"{amount(worst['facility_w'], 'W')}."
    )


def headlines(told: dict[str, Any]) -> Rows:
    """The hall and its year."""
    worst, levels = told["worst_hour"], told["pue_quantiles"]
    return [
        ["cooling", told["cooling"]],
        ["electrical", told["electrical"]],
        ["PUE", f"{told['pue']:.3f}"],
        ["WUE", f"{told['wue_l_kwh']:.2f} L/kWh"],
        [
            "hourly PUE",
            f"{levels['min']:.3f} to {levels['max']:.3f}, median {levels['median']:.3f}",
        ],
        ["worst hour", f"{worst['when']} at {worst['dry_bulb_c']:.1f} °C: PUE {worst['pue']:.3f}"],
        ["facility peak", amount(worst["facility_w"], "W")],
        ["facility energy", f"{amount(told['facility_energy_wh_per_year'], 'Wh')} a year"],
        ["water a year", amount(told["water_m3_per_year"], "m3")],
        ["capital of halls", amount(told["capital_usd"], "USD")],
        ["months to build", amount(told["lead_time_months"], "month")],
        ["hours without power", f"{(1.0 - told['availability']) * 8760.0:.2f} a year"],
    ]


def sum_of_parts(told: dict[str, Any]) -> str:
    """PUE as one and its parts, the largest first."""
    parts = {k: v for k, v in told["breakdown"].items() if k != "it" and v > 5e-5}
    ranked = sorted(parts.items(), key=lambda item: -item[1])
    words = " + ".join(f"{name.replace('_', ' ')} {share:.3f}" for name, share in ranked)
    return f"PUE {told['pue']:.3f} = 1 + {words}"


def part_loads(told: dict[str, Any]) -> Rows:
    """PUE and what the electrical chain lets through, at shares of the IT capacity."""
    return [
        [f"{one['it_share']:.0%}", f"{one['pue']:.3f}", f"{one['chain_efficiency']:.1%}"]
        for one in told["part_load"]
    ]


def systems(rows: Sequence[System]) -> Rows:
    """PUE, water, peak, capital and yearly cost of cooling systems."""
    return [
        [f"{one.pue:.3f}", f"{one.wue_l_kwh:.2f}", peak, capital, cost]
        for one, peak, capital, cost in zip(
            rows,
            amounts([one.peak_w for one in rows], "W"),
            amounts([one.capital_usd for one in rows], "USD"),
            amounts([one.cost_usd_per_year for one in rows], "USD"),
            strict=True,
        )
    ]


def needs_of(answer: FacilityAnswer) -> list[str]:
    """What systems that fit the scenario still ask of the ground they stand on."""
    found = (catalog.load("cooling", one.cooling) for one in answer.systems if not one.refusal)
    return [
        f"{entry.key} needs sea, lake or river water of {entry.si('source_water_c'):.0f} °C "
        "beside the hall."
        for entry in found
        if entry.text("rejection") == "source"
    ]


def misfit(one: System) -> str:
    """Why a system does not fit the site, in few words; empty where it does."""
    if not one.refusal:
        return ""
    if not one.margin:
        return f"cools {' and '.join(one.accepts)} only"
    return f"{one.margin} late" if one.margin.endswith("months") else one.margin


def misfits(answer: FacilityAnswer) -> Rows:
    """PUE and water of the systems that do not fit, and why not; those for other servers last."""
    rows = [one for one in answer.systems if one.refusal]
    return [
        [one.cooling, f"{one.pue:.3f}", f"{one.wue_l_kwh:.2f}", misfit(one)]
        for one in sorted(rows, key=lambda one: one.margin == "")
    ]


def redundancies(other: Duties, told: dict[str, Any]) -> Rows:
    """The chain with each redundancy.

    Parameters
    ----------
    other : Duties
    told : dict
        Its `to_json`, here and below.
    """
    return [
        [
            one["redundancy"],
            f"{one['hours_without_power_per_year']:.2f}",
            f"{one['pue']:.3f}",
            amount(one["capital_usd_per_it_w"] * other.capacity_w, "USD"),
        ]
        for one in told["redundancy"]
    ]


def units(told: dict[str, Any]) -> Rows:
    """Whole units that the hall may be built in."""
    return [
        [
            one["key"],
            f"{one['units']} of {amount(one['module_w'], 'W')}",
            f"{one['months_to_first']:.0f}",
            f"{one['months_to_all']:.0f}",
            f"{one['units_per_year']:.1f}",
            amount(one["capital_usd"], "USD"),
        ]
        for one in told["modules"]
    ]


def refits(told: dict[str, Any]) -> Rows:
    """The same hall with other systems."""
    return [
        [
            one["cooling"],
            f"{one['pue']:.3f}",
            amount(one["gained_it_w"], "W"),
            amount(one["saved_w"], "W"),
            f"{one['months']:.0f}",
            amount(one["capital_usd"], "USD"),
        ]
        for one in told["retrofits"]
    ]


def swing_words(told: dict[str, Any]) -> str:
    """The swing of training against the battery, in a sentence."""
    verb = "covers" if told["covered"] else "does not cover"
    return (
        f"Battery {verb} training swings of {told['share']:.0%} every {told['period_s']:.0f} s: "
        f"{amount(told['battery_needed_wh'], 'Wh')} of {amount(told['battery_given_wh'], 'Wh')}, "
        f"periods up to {told['longest_period_s']:.0f} s; counted as full cycles, "
        f"swings alone spend it in {told['battery_life_years']:.1f} years."
    )


def heat_words(told: dict[str, Any]) -> str:
    """Heat reuse in a sentence."""
    lift = f"COP {told['cop']:.1f}" if told["cop"] else "no heat pump needed"
    return (
        f"Heat from {told['source_c']:.0f} to {told['demand_c']:.0f} °C: "
        f"{amount(told['delivered_wh_per_year'], 'Wh')} a year, {told['met_share']:.0%} of the "
        f"demand, {lift}, {amount(told['heat_pump_wh_per_year'], 'Wh')} of electricity; "
        f"energy reuse factor {told['energy_reuse_factor']:.2f}."
    )
