"""An error ledger on the terminal: groups, order of alternatives, worst rows, refusals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wattpath.cli.sheet import console_of_width, table

if TYPE_CHECKING:
    from rich.console import Console

    from wattpath.validate.ledger import Group, Ledger, LedgerRow

#: Reasons for refusals that are printed, most frequent first.
REASONS_SHOWN = 4

#: Narrowest name of a source or a case.
NARROWEST = 14

#: What rows that a fit has seen are called, and what the others.
USED = {"True": "used in a fit", "False": "in no fit"}


def ledger(name: str, ledger: Ledger) -> None:
    """Print a ledger: what its groups err by, what it orders well, its worst rows."""
    console = console_of_width()
    if any(row.met is not None for row in ledger.rows):
        claims(console, ledger)
        return
    console.print(f"[bold]{name}: predicted / measured - 1[/bold]")
    columns = ("source", "quantity", "rows", "refused", "bias", "median", "P90", "worst")
    room = max(NARROWEST, console.width - 62)
    console.print(table((list(cells) for cells in _groups(ledger, room)), *columns))
    _choices(console, ledger, room)
    _worst(console, ledger)
    for reason, count in ledger.refusals()[:REASONS_SHOWN]:
        console.print(f"  {count} refused: {reason}", markup=False)


def claims(console: Console, ledger: Ledger) -> None:
    """Print published statements: how many are met, each with its range, why others miss."""
    judged = [row for row in ledger.rows if row.met is not None]
    met = sum(row.met is True for row in judged)
    console.print(f"[bold]{met} of {len(ledger.rows)} published claims are met[/bold]")
    told = [
        [
            row.layout, _value(row.predicted), _value(row.measured), _range(row),
            "yes" if row.met else "[red]no[/red]", "yes" if row.fitted else "",
        ]
        for row in judged
    ]  # fmt: skip
    console.print(table(told, "claim", "predicted", "published", "range", "met", "seen"))
    console.print("seen: a constant was chosen with this figure in view\n")
    for row in judged:
        if not row.met:
            console.print(f"  {row.layout}: {row.reason}", markup=False)
    for reason, count in ledger.refusals()[:REASONS_SHOWN]:
        console.print(f"  {count} refused: {reason}", markup=False)


def _range(row: LedgerRow) -> str:
    if row.high is None or math.isinf(row.high):
        return f"from {_value(row.low)}"
    return f"{_value(row.low)}–{_value(row.high)}"


def _value(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}" if value >= 1e4 else f"{value:.3g}"


def _groups(ledger: Ledger, room: int) -> Iterator[tuple[str, ...]]:
    both = ledger.groups("fitted")
    halves = both if len({group.name for group in both}) > 1 else []
    for group in [*ledger.groups("all"), *halves, *ledger.groups("source")]:
        label = USED.get(group.name, group.name)
        yield (
            _short(label, room), group.quantity, str(group.n), str(group.refused),
            *_figures(group),
        )  # fmt: skip


def _figures(group: Group) -> tuple[str, ...]:
    return (
        _percent(group.bias, "+"), _percent(group.median_abs), _percent(group.p90_abs),
        _percent(group.worst, "+"),
    )  # fmt: skip


def _choices(console: Console, ledger: Ledger, room: int) -> None:
    """How well alternatives for one job are ordered, where a source has such."""
    choices = ledger.choices()
    if not choices:
        return
    console.print("\n[bold]alternatives for one job[/bold]")
    rows = [
        [
            _short(choice.source, room), choice.quantity, str(choice.cases),
            f"{choice.rank_correlation:.2f}", _percent(choice.regret),
            _percent(choice.worst_regret),
        ]
        for choice in choices
    ]  # fmt: skip
    names = ("source", "quantity", "jobs", "rank corr.", "loss", "worst loss")
    console.print(table(rows, *names))


def _worst(console: Console, ledger: Ledger) -> None:
    """The ten rows of the largest error, the worst first."""
    rows = ledger.worst()
    if not rows:
        return
    console.print("\n[bold]worst rows[/bold]")
    room = max(NARROWEST, console.width - 45)
    told = [
        [
            _short(_what(row), room), row.row_id, row.quantity, row.layout,
            _percent(row.error or 0.0, "+"),
        ]
        for row in rows
    ]  # fmt: skip
    console.print(table(told, "run", "row", "quantity", "layout", "error"))


def _what(row: LedgerRow) -> str:
    """What was run: the case without its source, or chip and precision."""
    _, _, rest = row.case.partition(" | ")
    words = rest or " | ".join(part for part in (row.chip, row.precision) if part)
    return " ".join(word for word in words.split(" | ") if word)


def _short(text: str, room: int) -> str:
    """The text without its middle, since editions and formats stand at the end."""
    if len(text) <= room:
        return text
    end = max(9, room // 3)
    return f"{text[: room - end - 1]}…{text[-end:]}"


def _percent(value: float, sign: str = "") -> str:
    return "–" if math.isnan(value) else f"{value:{sign}.1%}"
