"""Ranges on the terminal: headlines, replaceable shares, inputs, rankings, gap."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Console

from wattpath.cli.sheet import console_of_width, table
from wattpath.report.words import HEADLINES, amounts

if TYPE_CHECKING:
    from wattpath.plan.uncertainty import Ranges
    from wattpath.plan.uncertainty.result import Span

#: Inputs shown for each result.
INPUTS_SHOWN = 6

#: Total index below which an input is not shown.
LITTLE = 0.01

#: Results whose inputs are listed -> words.
RESULTS = {
    "replaceable.power": "replaceable power",
    "replaceable.cost": "replaceable cost",
    "both.facility_power_peak_w": "facility peak of both",
    "both.cost_usd_per_year": "cost of both",
}


def ranges(found: Ranges) -> None:
    """The whole answer."""
    console = console_of_width()
    console.print(f"\n[bold]{found.scenario}[/bold]\n")
    console.print(f"{sentence(found)}\n", markup=False)
    if found.years > 1:
        console.print(f"{several(found)}\n", markup=False)
    _headlines(console, found)
    _shares(console, found)
    _inputs(console, found)
    _rankings(console, found)
    console.print(f"\n{_gap(found)}", markup=False)


def sentence(found: Ranges) -> str:
    """The answer in one sentence."""
    power, cost = found.replaceable["power"], found.replaceable["cost"]
    if not math.isfinite(power[1]):
        return "No draw has an answer for both and blue."
    return (
        f"Software replaces {_span(power)} of the best-built power and {_span(cost)} of its cost "
        f"(P50, with P10 to P90, over {found.draws} draws of {len(found.inputs)} inputs)."
    )


def several(found: Ranges) -> str:
    """What the headlines of several years are."""
    return (
        f"Of {found.years} years: peak and chips of the last, months to power of the first, the "
        "rest of a mean year (cost: paid evenly, at the same present value)."
    )


def _headlines(console: Console, found: Ranges) -> None:
    """P10, P50 and P90 of each plan beside the plan's value."""
    rows = []
    for headline in HEADLINES:
        for name, spans in found.headlines.items():
            if headline.field not in spans:
                continue
            values = [found.base[name][headline.field], *spans[headline.field]]
            title = headline.title if name == next(iter(found.headlines)) else ""
            rows.append((title, name, *amounts(values, headline.unit)))
    console.print(table(rows, "", "", "plan", "P10", "P50", "P90"))
    missing = {name: share for name, share in found.infeasible.items() if share > 0.0}
    if missing:
        listed = ", ".join(f"{name} {share:.0%}" for name, share in missing.items())
        console.print(f"\nDraws without an answer, which the ranges leave out: {listed}")


def _shares(console: Console, found: Ranges) -> None:
    rows = [
        (key, *(_percent(value) for value in (found.base_replaceable[key], *span)))
        for key, span in found.replaceable.items()
    ]
    console.print("\n[bold]Replaceable by software[/bold]")
    console.print(table(rows, "", "plan", "P10", "P50", "P90"))


def _inputs(console: Console, found: Ranges) -> None:
    """The inputs that explain most of each result."""
    for key, words in RESULTS.items():
        if key not in found.indices:
            continue
        own = found.indices[key]
        shown = [row for row in own.inputs if row.total >= LITTLE][:INPUTS_SHOWN]
        if not shown:
            continue
        console.print(
            f"\n[bold]What moves the {words}[/bold] "
            f"(a polynomial explains {max(own.explained, 0.0):.0%} of it)"
        )
        rows = [(row.title, _percent(row.first), _percent(row.total)) for row in shown]
        console.print(table(rows, "", "alone", "with others"))


def _rankings(console: Console, found: Ranges) -> None:
    ranking = found.ranking
    console.print("\n[bold]Does it hold?[/bold]")
    rows = [
        (
            headline.title,
            ranking.order[headline.field].what,
            _percent(ranking.order[headline.field].share),
        )
        for headline in HEADLINES
        if headline.field in ranking.order
    ]
    console.print(table(rows, "", "", "of draws"))
    compared = (("red", "blue"), ("both", "blue"), ("both", "red"))
    pairs = [
        (f"{a} costs less than {b}", _percent(ranking.cheaper[f"{a} < {b}"])) for a, b in compared
    ]
    console.print("", table(pairs, "", "of draws"), sep="\n")
    servers = [
        (f"{name}, {demand}", own.what, _percent(own.share))
        for name in ("blue", "both")
        for demand, own in ranking.servers.get(name, {}).items()
    ]
    console.print("", table(servers, "server with most of it", "", "of draws"), sep="\n")
    levers = sorted(ranking.levers.items(), key=lambda item: -item[1])
    if levers:
        shown = [(key, _percent(share)) for key, share in levers]
        console.print("", table(shown, "software in use in both", "of draws"), sep="\n")


def _gap(found: Ranges) -> str:
    """How far the fast path lies from full runs."""
    gap = found.gap
    if gap.runs == 0:
        return "The fast path was not compared with full runs (--checks)."
    fields = [key for key in gap.worst if not key.startswith("replaceable.")]
    worst = max((gap.worst[key] for key in fields), default=math.nan)
    middle = max((gap.middle[key] for key in fields), default=math.nan)
    shares = [gap.worst[key] for key in gap.worst if key.startswith("replaceable.")]
    apart = max(shares, default=math.nan)
    return (
        f"Fast path against {gap.runs} full runs: headlines {middle:.1%} apart in the middle, "
        f"{worst:.1%} at worst; shares {apart * 100.0:.1f} points at worst. "
        f"{found.pool} groups of deployments."
    )


def _span(span: Span) -> str:
    low, middle, high = map(_percent, span)
    return f"{middle} ({low} to {high})"


def _percent(value: float) -> str:
    return f"{round(value, 4) + 0.0:.0%}" if math.isfinite(value) else "–"
