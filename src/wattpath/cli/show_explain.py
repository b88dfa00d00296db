"""The chain behind a number on the terminal: how it comes about, and what it rests on."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.table import Table

from wattpath.cli.sheet import console_of_width, table
from wattpath.cli.show import cell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wattpath.plan.explain import Step

#: Begins the source of what a plan computes.
COMPUTED = "computed: "

#: Sources of what is neither computed nor found in the catalogue.
GIVEN = "the scenario"


def chain(steps: Sequence[Step]) -> None:
    """The number first, then its factors, then the catalogue's numbers with their sources."""
    console = console_of_width()
    *factors, last = steps
    law = last.source.removeprefix(COMPUTED)
    unit = "" if last.unit == "-" else f" {last.unit}"
    head = f"[bold]{last.factor} = {cell(last.value)}{unit}[/bold]"
    console.print(f"{head}: {law}\n")
    made = [step for step in factors if step.source.startswith((COMPUTED, GIVEN))]
    if made:
        shown = _table("how it comes about", "value", "", "how")
        console.print(_filled(shown, made, lambda step: (step.source.removeprefix(COMPUTED),)))
    found = [step for step in factors if step not in made]
    if not found:
        return
    place = {one: f"{n}" for n, one in enumerate(dict.fromkeys(s.source for s in found), 1)}
    shown = _table("what it rests on", "value", "", "range", "grade", "source")
    rest = _filled(shown, found, lambda step: (_span(step), step.evidence, place[step.source]))
    console.print("", rest, sep="\n")
    for source, number in place.items():
        console.print(f"{number}. {source}", markup=False)


def _table(*columns: str) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(column, justify="right" if column == "value" else "left", overflow="fold")
    return shown


def _filled(shown: Table, steps: Sequence[Step], rest: Callable[[Step], tuple[str, ...]]) -> Table:
    """Rows under the thing that they are about, where several are about one."""
    for thing, group in groupby(steps, key=lambda step: step.factor.rpartition(": ")[0]):
        own = list(group)
        under = bool(thing) and len(own) > 1
        if under:
            shown.add_row(thing, style="dim")
        for step in own:
            name = f"  {step.factor.rpartition(': ')[2]}" if under else step.factor
            shown.add_row(name, cell(step.value), step.unit, *rest(step))
    return shown


def _span(step: Step) -> str:
    """The range, where there is one."""
    if step.low is None or step.high is None or step.low == step.high:
        return ""
    return f"{cell(step.low)} to {cell(step.high)}"


def names(steps: Sequence[Step]) -> None:
    """Every number that has a chain, with its value."""
    console = console_of_width()
    rows = [(step.factor, cell(step.value), step.unit) for step in steps]
    console.print(table(rows, f"{len(rows)} numbers", "value", ""))
