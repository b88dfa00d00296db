"""A training answer on the terminal: numbers, a memory bar, the pipeline's timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from wattpath import units
from wattpath.cli.sheet import Page
from wattpath.training.picture import LETTERS, memory_bar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from wattpath.plan.runcost import RunCost
    from wattpath.training import TrainingAnswer
    from wattpath.training.answer import Candidate

Rows = list[tuple[str, str]]


def show(answer: TrainingAnswer, cost: RunCost | None) -> None:
    """Print the whole answer; an infeasible one prints what was refused."""
    console = Page(highlight=False, emoji=False)
    console.print(f"\n[bold]{_headline(answer, cost)}[/bold]")
    console.print(f"{answer.model} on {answer.chip}, stack {answer.trainer}\n")
    if answer.chosen is not None:
        _chosen(console, answer, cost)
    if answer.top:
        console.print("\n[bold]The ten fastest layouts[/bold]")
        console.print(_layouts(answer.top[:10]))
        console.print("\n[bold]None is better in step time, memory and energy at once[/bold]")
        console.print(_layouts(answer.front[:10]))
    _refused(console, answer)
    console.print(f"\n{_evidence(answer)}")


def _headline(answer: TrainingAnswer, cost: RunCost | None) -> str:
    """The answer in one line."""
    if answer.chosen is None:
        return f"Infeasible: {answer.reason}."
    words = [f"{answer.chosen.step_s:.3g} s a step", f"{answer.days:.3g} days"]
    if cost is not None:
        words.append(units.show_usd(cost.total_usd))
    return f"{', '.join(words)} with {answer.chosen.label}"


def _chosen(console: Console, answer: TrainingAnswer, cost: RunCost | None) -> None:
    """Numbers, parts, memory, power, cluster and pipeline of the chosen layout."""
    sections = (
        ("The run", _run(answer)),
        ("Where a step goes", _parts(answer)),
        ("Power over a step", _power(answer)),
        ("Several sites", _sites(answer)),
        ("Goodput", _goodput(answer)),
        ("Cost", _cost(answer, cost)),
    )
    for title, rows in sections:
        if rows:
            console.print(f"[bold]{title}[/bold]")
            console.print(pairs(rows))
            console.print()
    _memory(console, answer)
    if answer.pipeline:
        console.print("\n[bold]The pipeline[/bold] (digits forward, letters backward)")
        for row in answer.pipeline:
            console.print(f"  {row}", markup=False)


def pairs(rows: Iterable[tuple[str, str]]) -> Table:
    """Names and values side by side."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(min_width=30)
    table.add_column(justify="right")
    for row in rows:
        table.add_row(*row)
    return table


def _run(answer: TrainingAnswer) -> Rows:
    chosen = answer.chosen
    assert chosen is not None
    return [
        ("step", f"{chosen.step_s:.3g} s ({chosen.low_s:.3g} to {chosen.high_s:.3g})"),
        ("tokens a second", units.show(answer.tokens_per_s, "")),
        ("model FLOP utilisation", f"{answer.mfu:.1%}"),
        ("energy of the chips", units.show(answer.energy_j / 3600.0, "Wh")),
    ]


def _parts(answer: TrainingAnswer) -> Rows:
    total = sum(answer.parts_s.values()) or 1.0
    order = sorted(answer.parts_s.items(), key=lambda item: -item[1])
    return [
        (name.removesuffix("_s").replace("_", " "), f"{seconds:.3g} s {seconds / total:5.0%}")
        for name, seconds in order
        if seconds > 0.0005 * total
    ]


def _power(answer: TrainingAnswer) -> Rows:
    power, cluster = answer.power, answer.cluster
    assert power is not None
    rows = [("a chip, mean and peak", _two(power.mean_w, power.plateau_w))]
    if cluster is not None:
        swing = units.show(cluster.it_swing_w, "W")
        rows += [
            (f"a server ({cluster.server})", _two(cluster.server_mean_w, cluster.server_peak_w)),
            ("all servers", _two(cluster.it_mean_w, cluster.it_peak_w)),
            ("swing of all, for the supply", f"{swing} every {cluster.period_s:.2g} s"),
        ]
    return rows


def _two(mean_w: float, peak_w: float) -> str:
    return f"{units.show(mean_w, 'W')}, {units.show(peak_w, 'W')}"


def _sites(answer: TrainingAnswer) -> Rows:
    sites = answer.sites
    if sites is None:
        return []
    need = sites.wan_peak_bytes_s
    hidden = units.show(8.0 * need, "bit/s") if need < float("inf") else "never: the sites wait"
    return [
        ("step with the exchange", f"{sites.step_s:.3g} s"),
        ("exchange left open, a step", f"{sites.exposed_s:.3g} s"),
        ("mean traffic out of a site", units.show(8.0 * sites.wan_mean_bytes_s, "bit/s")),
        ("rate that hides the exchange", hidden),
        ("progress against free exchange", f"{sites.efficiency:.1%}"),
    ]


def _goodput(answer: TrainingAnswer) -> Rows:
    useful = answer.goodput
    assert useful is not None
    first = max(useful.stops, key=lambda cause: useful.stops[cause])
    return [
        ("useful share of the clock", f"{useful.share:.1%}"),
        ("mean time between stops", f"{useful.mean_time_between_s / 3600:.1f} h"),
        ("most stops come from", first),
        ("checkpoint every", f"{useful.interval_s / 60:.3g} min"),
        ("a checkpoint", units.show(useful.checkpoint_bytes, "B")),
        ("spare servers of 8", f"{useful.spare_nodes:g}"),
        *((f"lost to {cause}", f"{share:.2%}") for cause, share in useful.lost.items()),
    ]


def _cost(answer: TrainingAnswer, cost: RunCost | None) -> Rows:
    extras = answer.extras
    assert extras is not None
    writes = units.show(extras.storage_write_bytes_s, "B/s")
    rows = [
        (f"storage, {extras.storage_units:g} units at {writes}", _bought(extras.storage_usd)),
        (f"network, {extras.network}", _bought(extras.network_usd)),
        ("power of storage and network", units.show(extras.storage_w + extras.network_w, "W")),
    ]
    if cost is None:
        return [*rows, ("machines", "no server with this chip has a price")]
    price = f"{cost.place.price_usd_j * 3.6e9:.1f} USD/MWh"
    return [
        *rows,
        (f"machines ({cost.server}) with network, bought", units.show_usd(cost.capital_usd)),
        ("machines, their share of life", units.show_usd(cost.machines_usd)),
        ("energy of servers", units.show(cost.it_energy_j / 3600.0, "Wh")),
        (f"at {cost.place.hall}", f"PUE {cost.place.pue:.3f}"),
        (f"electricity at {price}", units.show_usd(cost.electricity_usd)),
        ("the run costs", units.show_usd(cost.total_usd)),
    ]


def _bought(usd: float) -> str:
    return units.show_usd(usd) if usd > 0.0 else "no price known"


def _memory(console: Console, answer: TrainingAnswer) -> None:
    assert answer.memory is not None
    capacity = answer.memory_capacity_bytes
    used = answer.memory.total / 2**30
    console.print(f"[bold]Memory[/bold] {used:.1f} of {capacity / 2**30:.1f} GiB")
    console.print(f"  [{memory_bar(answer.memory, capacity)}]", markup=False)
    uses = [f"{letter} {use}" for use, letter in LETTERS.items() if getattr(answer.memory, use) > 0]
    console.print(f"  {', '.join(uses)}")


def _layouts(items: Sequence[Candidate]) -> Table:
    """Layouts, one a row; the evidence is short here, its gaps are under the tables."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("layout", max_width=34)
    for column in ("step [s]", "range", "GiB", "kWh"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("evidence", no_wrap=True)
    for item in items:
        sizes = (f"{item.memory_bytes / 2**30:.3g}", f"{item.energy_j / 3.6e6:.3g}")
        bounds = f"{item.low_s:.3g}-{item.high_s:.3g}"
        table.add_row(item.label, f"{item.step_s:.4g}", bounds, *sizes, item.evidence)
    return table


def _refused(console: Console, answer: TrainingAnswer) -> None:
    if answer.evaluated:
        bounded = f", {answer.bounded:,} ruled out by a bound" if answer.bounded else ""
        console.print(f"\n{answer.evaluated:,} layouts timed in full{bounded}.")
    if not answer.refused:
        return
    console.print("[bold]Refused[/bold]")
    rows = sorted(answer.refused.items(), key=lambda item: -item[1])
    console.print(pairs((reason, f"{count:,}") for reason, count in rows if count))


def _evidence(answer: TrainingAnswer) -> str:
    """Grade of the answer, what no published run has tested, and the nearest runs."""
    words = [f"Evidence: {answer.evidence}."]
    if answer.chosen is not None and answer.chosen.gaps:
        words.append(f"No published run with {', '.join(answer.chosen.gaps)}.")
    others = {gap for item in answer.top for gap in item.gaps}
    others -= set(answer.chosen.gaps) if answer.chosen is not None else set()
    if others:
        words.append(f"Nor, for some of the others, with {', '.join(sorted(others))}.")
    words.append(f"{answer.note.rstrip('.')}.")
    return " ".join(words)
