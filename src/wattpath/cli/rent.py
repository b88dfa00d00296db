"""The command of renting: `wattpath rent`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wattpath.cli.asked import File, Json, Sets, leave, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wattpath.plan.rent import Price, Rented


def rent(
    file: File,
    price: Annotated[
        float | None,
        typer.Option("--price", help="USD of a rented chip-hour; without it, the catalogue's."),
    ] = None,
    as_json: Json = False,
    sets: Sets = None,
) -> None:
    """Whether to rent the chips of each plan or to buy them, and where that flips."""
    import wattpath
    from wattpath.cli.progress import progress
    from wattpath.plan.front import load_scenario
    from wattpath.plan.rent import one_year, price_of, rent_of

    own = price_of(price)
    scenario = load_scenario(file, sets)
    one_year(scenario)
    with progress() as report:
        result = wattpath.plan(file, sets, progress=report, attribute=False)
    found = rent_of(scenario, result, own)
    if as_json:
        print_json(_answer(scenario.name, own, found))
    else:
        _show(scenario.name, own, found)
    if not result.feasible:
        from wattpath.cli.verdict import verdict

        leave(verdict(result.plans))


def _answer(name: str, price: Price, found: dict[str, Rented]) -> dict[str, Any]:
    return {
        "scenario": name,
        "price_usd_per_chip_hour": {
            "value": price.value, "low": price.low, "high": price.high, "evidence": price.evidence,
        },
        "plans": {plan: rented.to_json() for plan, rented in found.items()},
    }  # fmt: skip


def _show(name: str, price: Price, found: dict[str, Rented]) -> None:
    """The cheapest first, then each plan bought and rented, and where that flips."""
    from wattpath.cli.sheet import console_of_width, table

    console = console_of_width()
    console.print(f"\n[bold]{name}[/bold]\n")
    if not found:
        return
    console.print(_sentence(price, found), "\n", markup=False)
    console.print(table(_rows(price, found), "", *found))
    console.print(f"\nPrice of a chip-hour: {_ranged(price)} ({price.evidence}).", markup=False)


def _sentence(price: Price, found: dict[str, Rented]) -> str:
    from wattpath.report.words import amount

    costs = {f"buy {plan}": own.buy_usd_per_year for plan, own in found.items()}
    for plan, own in found.items():
        if own.covered:
            costs[f"rent {plan} by the hour"] = own.usd_per_year("following", price.value)
    best = min(costs, key=lambda way: costs[way])
    return f"Cheapest: {best}, {amount(costs[best], 'USD')} a year."


def _rows(price: Price, found: dict[str, Rented]) -> Iterator[tuple[str, ...]]:
    from wattpath.report.words import amount

    own = found.values()
    yield ("Chips", *(f"{one.chips:,.0f}" for one in own))
    yield ("Bought, a year", *(amount(one.buy_usd_per_year, "USD") for one in own))
    for way, title in (("always", "Rented all year"), ("following", "Rented by the hour")):
        yield (title, *(
            amount(one.usd_per_year(way, price.value), "USD") if one.covered else "no price"
            for one in own
        ))  # fmt: skip
    yield ("Hours that are needed", *(
        f"{one.hours_share:.0%}" for one in own
    ))  # fmt: skip
    for way, title in (("always", "Flips at, all year"), ("following", "Flips at, by the hour")):
        yield (title, *(f"{one.even_usd_h(way):.2f} USD/h" for one in own))


def _ranged(price: Price) -> str:
    if price.low == price.high:
        return f"{price.value:.2f} USD"
    return f"{price.value:.2f} USD ({price.low:.2f} to {price.high:.2f})"
