"""A training answer on the terminal: numbers, a memory bar, the pipeline's timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from wattpath import units
from wattpath.hardware import load_chip
from wattpath.training.picture import LETTERS, memory_bar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wattpath.plan.runcost import RunCost
    from wattpath.training import TrainingAnswer
    from wattpath.training.answer import Candidate


def show(answer: TrainingAnswer, cost: RunCost | None, chip: str) -> None:
    """Print the whole answer; an infeasible one prints what was refused."""
    console = Console(highlight=False)
    console.print(f"\n[bold]{answer.model} on {answer.chip}[/bold]\n")
    if answer.chosen is None:
        console.print(f"Infeasible: {answer.reason}.")
    else:
        console.print(_pairs(_numbers(answer, cost)))
        console.print("\n[bold]Where a step goes[/bold]")
        console.print(_pairs(_parts(answer)))
        _memory(console, answer, chip)
        if answer.pipeline:
            console.print("\n[bold]The pipeline[/bold] (digits forward, letters backward)")
            for row in answer.pipeline:
                console.print(f"  {row}", markup=False)
        if answer.top:
            console.print("\n[bold]The ten fastest layouts[/bold]")
            console.print(_layouts(answer.top))
    _refused(console, answer)
    spread = f"±{answer.relative_range:.0%}"
    console.print(f"\nEvidence: {answer.evidence}, step time {spread}. {answer.note}".rstrip())


def _pairs(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(min_width=26)
    table.add_column(justify="right")
    for row in rows:
        table.add_row(*row)
    return table


def _numbers(answer: TrainingAnswer, cost: RunCost | None) -> list[tuple[str, str]]:
    chosen, power, useful = answer.chosen, answer.power, answer.goodput
    assert chosen is not None
    assert power is not None
    assert useful is not None
    rows = [
        ("layout", chosen.label),
        ("step", f"{chosen.step_s:.3g} s"),
        ("tokens a second", units.show(answer.tokens_per_s, "")),
        ("model FLOP utilisation", f"{answer.mfu:.1%}"),
        ("goodput", f"{useful.share:.1%}"),
        ("mean time between stops", f"{useful.mean_time_between_s / 3600:.1f} h"),
        ("checkpoint every", f"{useful.interval_s / 60:.0f} min"),
        ("run", f"{answer.days:.1f} days"),
        ("chip power, mean", units.show(power.mean_w, "W")),
        ("chip power, swing", f"{units.show(power.swing_w, 'W')} every {power.period_s:.2g} s"),
        ("energy of the chips", units.show(answer.energy_j / 3600.0, "Wh")),
    ]
    if cost is not None:
        rows += [
            ("energy of servers", units.show(cost.it_energy_j / 3600.0, "Wh")),
            ("energy of the facility", units.show(cost.facility_energy_j / 3600.0, "Wh")),
            (f"machines ({cost.server})", units.show_usd(cost.machines_usd)),
            (
                f"electricity ({cost.place.hall}: PUE {cost.place.pue:.3f}, "
                f"{cost.place.price_usd_j * 3.6e9:.1f} USD/MWh)",
                units.show_usd(cost.electricity_usd),
            ),
            ("the run costs", units.show_usd(cost.total_usd)),
        ]
    return rows


def _parts(answer: TrainingAnswer) -> list[tuple[str, str]]:
    total = sum(answer.parts_s.values()) or 1.0
    order = sorted(answer.parts_s.items(), key=lambda item: -item[1])
    return [
        (name.removesuffix("_s").replace("_", " "), f"{seconds:.3g} s {seconds / total:5.0%}")
        for name, seconds in order
        if seconds > 0.0005 * total
    ]


def _memory(console: Console, answer: TrainingAnswer, chip: str) -> None:
    assert answer.memory is not None
    capacity = load_chip(chip).mem_bytes
    used = answer.memory.total / 2**30
    console.print(f"\n[bold]Memory[/bold] {used:.1f} of {capacity / 2**30:.1f} GiB")
    console.print(f"  [{memory_bar(answer.memory, capacity)}]", markup=False)
    uses = [f"{letter} {use}" for use, letter in LETTERS.items() if getattr(answer.memory, use) > 0]
    console.print(f"  {', '.join(uses)}")


def _layouts(top: Sequence[Candidate]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("layout")
    for column in ("step [s]", "memory [GiB]", "energy [kWh]"):
        table.add_column(column, justify="right")
    table.add_column("evidence")
    for item in top[:10]:
        cells = (item.step_s, item.memory_bytes / 2**30, item.energy_j / 3.6e6)
        table.add_row(item.label, *(f"{cell:.4g}" for cell in cells), item.evidence)
    return table


def _refused(console: Console, answer: TrainingAnswer) -> None:
    if not answer.refused:
        return
    console.print("\n[bold]Refused[/bold]")
    rows = sorted(answer.refused.items(), key=lambda item: -item[1])
    console.print(_pairs((reason, f"{count:,}") for reason, count in rows if count))
