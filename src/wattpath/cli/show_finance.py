"""Money on the terminal: plans side by side, lives of write-off, one plan's years."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wattpath.cli.sheet import console_of_width, table
from wattpath.report.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from wattpath.economics.cashflow import Statement
    from wattpath.plan.finance.statements import Financed

#: Lines of a statement that are printed by year, with their fields.
LINES = (
    ("Revenue", "revenue"),
    ("Operation", "operation"),
    ("Purchases", "purchase"),
    ("Debt drawn", "drawn"),
    ("Interest", "interest"),
    ("Repaid", "repaid"),
    ("Written off", "write_off"),
    ("Tax", "tax"),
    ("Value left", "residual"),
    ("To owners", "owners"),
)


def finance(found: Financed, plan: str) -> None:
    """The price of a token first, then what it is made of."""
    console = console_of_width()
    console.print(f"\n[bold]{found.scenario}[/bold]\n")
    if not found.projects:
        return
    console.print(_answer(found, plan), markup=False)
    console.print("\n", table(_compared(found), "", *found.projects), sep="")
    if any(len(project.demands) > 1 for project in found.projects.values()):
        console.print("\nLevelised price of a million tokens by demand", style="bold")
        console.print(table(_by_demand(found), "", *found.projects))
    kinds = list(_by_kind(found))
    if kinds:
        console.print("\nLevelised price of a million tokens by kind", style="bold")
        console.print(table(kinds, "", *found.projects))
    lives = next(iter(found.lives.values()))
    console.print("\nServers written off over so many years", style="bold")
    console.print(table(_lives(found, list(lives)), "", *found.projects))
    if plan in found.projects:
        _plan(console, found, plan)
    console.print("\nBoundaries", style="bold")
    for label, words in found.boundaries()[:9]:
        console.print(f"  {label}: {words}", markup=False)


def _answer(found: Financed, plan: str) -> str:
    shown = plan if plan in found.projects else next(iter(found.projects))
    level = found.levelised[shown]
    words = f"{shown}: a million tokens at {_price(level.price_usd)} (levelised over "
    words += f"{len(found.years)} years) gives owners the {found.terms.equity_rate:.0%} a year "
    words += f"that they ask with {found.terms.debt_share:.0%} debt"
    if found.price_usd is None:
        return f"{words}."
    own = found.asked[shown]
    earned = "no single return" if own.irr is None else f"{own.irr:.1%} a year"
    return f"{words}; at {_price(found.price_usd)} they get {earned}, worth {_usd(own.npv_usd)}."


def _compared(found: Financed) -> Iterator[tuple[str, ...]]:
    names = list(found.projects)
    level = [found.levelised[name] for name in names]
    own = [found.asked[name] for name in names]
    yield ("Levelised price, million tokens", *(_price(one.price_usd) for one in level))
    costs = (found.projects[name].plan_usd_per_million for name in names)
    yield ("Plan's cost, million tokens", *(_price(cost) for cost in costs))
    if found.price_usd is not None:
        yield ("Price asked", *(_price(one.price_usd) for one in own))
        yield ("Present value to owners", *(_usd(one.npv_usd) for one in own))
    yield ("Return of the owners", *(_rate(one.irr) for one in own))
    yield ("Return of the project", *(_rate(one.project_irr) for one in own))
    yield ("Least debt cover", *(_cover(one) for one in own))
    yield ("Purchases", *(_usd(one.purchase.sum()) for one in own))
    yield ("of them debt", *(_usd(one.drawn.sum()) for one in own))
    yield ("Tax", *(_usd(one.tax.sum()) for one in own))
    yield ("Value left", *(_usd(one.residual.sum()) for one in own))
    yield ("Most owed", *(_usd(one.debt.max()) for one in own))


def _by_demand(found: Financed) -> Iterator[tuple[str, ...]]:
    for demand in next(iter(found.projects.values())).demands:
        cells = (
            _price(found.levelised[name].price_usd * project.demands[demand])
            for name, project in found.projects.items()
        )
        yield (demand, *cells)


def _by_kind(found: Financed) -> Iterator[tuple[str, ...]]:
    words = {"fresh": "input", "cached": "input found in the cache", "output": "output"}
    for demand in next(iter(found.projects.values())).kinds:
        for kind, title in words.items():
            cells = (
                _price(found.levelised[name].price_usd * getattr(project.kinds[demand], kind))
                for name, project in found.projects.items()
            )
            yield (f"{demand}: {title}", *cells)


def _lives(found: Financed, lives: list[int]) -> Iterator[tuple[str, ...]]:
    for life in lives:
        cells = (_price(found.lives[name][life][0].price_usd) for name in found.projects)
        yield (f"{life} years: levelised price", *cells)
    for life in lives:
        cells = (_usd(found.lives[name][life][1].npv_usd) for name in found.projects)
        yield (f"{life} years: present value", *cells)


def _plan(console: Console, found: Financed, plan: str) -> None:
    """One plan's purchases by class and its years."""
    project, own = found.projects[plan], found.asked[plan]
    console.print(f"\n{plan}: purchases by class, beginning of each year, real", style="bold")
    bought = [year for year in range(len(found.years)) if any(
        paid[year] for paid in project.schedule().values())]  # fmt: skip
    rows = [(group, *(_usd(paid[year]) for year in bought))
            for group, paid in project.schedule().items()]  # fmt: skip
    console.print(table(rows, "", *(f"year {found.years[year]}" for year in bought)))
    console.print(f"\n{plan}: years, nominal; 0 is the beginning", style="bold")
    ends = _shown(len(found.years))
    labels = ["0", *found.years]
    rows = [(title, *(_usd(getattr(own, field)[year]) for year in ends)) for title, field in LINES]
    console.print(table(rows, "", *(labels[year] for year in ends)))


def _shown(years: int) -> list[int]:
    """The beginning and at most eight years."""
    step = math.ceil(years / 8)
    return [0, *range(1, years, step), years] if years > 1 else [0, 1]


def _price(usd: float) -> str:
    return f"{usd:,.4g} USD"


def _usd(usd: float) -> str:
    return "0" if abs(usd) < 0.5 else amount(float(usd), "USD")


def _rate(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.1%}"


def _cover(own: Statement) -> str:
    return "no debt" if math.isinf(own.cover) else f"{own.cover:.2f}"
