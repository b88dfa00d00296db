"""A console of limited width, plain tables, and the head of an answer about a site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.errors import MarkupError
from rich.table import Table

from wattpath.report.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.text import Text

    from wattpath.plan.place.hall import Load

#: Widest table.
WIDEST = 120

#: An opening bracket that begins no style of these pages: it belongs to a name or a law.
BRACKET = re.compile(r"\[(?!/?(?:bold|red)\])")


class Page(Console):
    """A console that prints brackets as they are but for bold and red."""

    def render_str(self, text: str, **how: Any) -> Text:
        """The text with its styles; as it stands where a name opens or closes one."""
        try:
            return super().render_str(BRACKET.sub(r"\\[", text), **how)
        except MarkupError:
            return super().render_str(text, **{**how, "markup": False})


def console_of_width() -> Console:
    """Standard output, at most `WIDEST` wide."""
    console = Page(highlight=False, emoji=False)
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
