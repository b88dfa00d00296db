"""A facility on the terminal, in tables of eighty columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wattpath.cli.sheet import console_of_width, head, table
from wattpath.report import site_words as words

if TYPE_CHECKING:
    from wattpath.plan.place.duties import Duties
    from wattpath.plan.place.hall import FacilityAnswer


def facility(answer: FacilityAnswer) -> None:
    """The hall's year, its parts and the comparison."""
    console, told = console_of_width(), answer.to_json()
    head(console, answer.scenario.name, answer.load, "IT power")
    console.print(f"{words.answer_of(told)}\n", markup=False)
    console.print(table(words.headlines(told), "", ""))
    console.print(f"\n{words.sum_of_parts(told)}")
    console.print("\n[bold]At part load[/bold]")
    console.print(table(words.part_loads(told), *words.LOAD_HEADS))
    console.print("\n[bold]Cooling systems at this site, the cheapest first[/bold]")
    fit = [system for system in answer.systems if not system.refusal]
    cells = zip(fit, words.systems(fit), strict=True)
    rows = [[system.cooling, *row] for system, row in cells]
    console.print(table(rows, "", *words.SYSTEM_HEADS))
    for need in words.needs_of(answer):
        console.print(need, markup=False)
    if rest := words.misfits(answer):
        console.print("\n[bold]Cooling systems that do not fit as asked[/bold]")
        console.print(table(rest, "", *words.MISFIT_HEADS))
    console.print(f"\nWeather: {answer.weather.source}, {answer.weather.evidence}")


def duties(other: Duties) -> None:
    """Redundancy, swings, whole units, refits and heat reuse."""
    console, told = console_of_width(), other.to_json()
    console.print("\n[bold]Redundancy of the electrical chain[/bold]")
    console.print(table(words.redundancies(other, told), *words.REDUNDANCY_HEADS))
    console.print(f"\n{words.swing_words(told['swings'])}", markup=False)
    console.print("\n[bold]Built in whole units[/bold]")
    console.print(table(words.units(told), *words.UNIT_HEADS))
    if told["retrofits"]:
        console.print("\n[bold]The same hall refitted behind the same grid connection[/bold]")
        console.print(table(words.refits(told), *words.REFIT_HEADS))
    if told["heat_reuse"]:
        console.print(f"\n{words.heat_words(told['heat_reuse'])}", markup=False)
