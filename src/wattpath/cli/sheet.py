"""A console of limited width, plain tables, and the head of an answer about a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from wattpath.report.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wattpath.plan.place.hall import Load

#: Widest table.
WIDEST = 120


def console_of_width() -> Console:
    """Standard output, at most `WIDEST` wide."""
    console = Console(highlight=False)
    console.width = min(console.width, WIDEST)
    return console


def table(rows: Iterable[Sequence[str]], *columns: str) -> Table:
    """Numbers to the right: all columns but the first, those without a name and words."""
    shown = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    words = ("built by then", "MW built", "status", "")
    for place, column in enumerate(columns):
        left = place == 0 or column in words
        shown.add_column(column, justify="left" if left else "right", overflow="fold")
    for row in rows:
        shown.add_row(*row)
    return shown


def head(console: Console, name: str, load: Load, what: str) -> None:
    """The scenario, and the load that is met."""
    console.print(f"\n[bold]{name}[/bold]\n")
    if load.power_w.size:
        mean, peak = amount(load.power_w.mean(), "W"), amount(load.power_w.max(), "W")
        source = "as given" if load.source == "given" else f"of the {load.source} plan"
        console.print(f"{what} {source}: mean {mean}, peak {peak}\n")
