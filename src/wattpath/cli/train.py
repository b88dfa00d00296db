"""The command `wattpath train`: one layout, or the best of a search, shown whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wattpath.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from wattpath.plan.runcost import RunCost
    from wattpath.training import Layout, TrainingAnswer

#: Bits of the matrix products of each precision.
PRECISIONS = {"fp16": 16.0, "bf16": 16.0, "fp8": 8.0, "mxfp8": 8.0, "nvfp4": 4.0}
INFEASIBLE = 1

Degree = Annotated[int | None, typer.Option(min=1, show_default=False)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Layout options as given; None where the user is silent."""

    degrees: dict[str, int | None]
    zero: int | None
    recompute: str | None
    schedule: str | None
    cp_kind: str | None

    @property
    def any(self) -> bool:
        """Whether a layout is given, so that there is nothing to search."""
        words = (self.zero, self.recompute, self.schedule, self.cp_kind)
        return any(value is not None for value in (*self.degrees.values(), *words))

    def layout(self, chips: int) -> Layout:
        """The layout with neutral values for what is not given, and dp from the rest."""
        from wattpath.training import CONTEXT, RECOMPUTE, SCHEDULES, Layout

        degrees = {name: float(value or 1) for name, value in self.degrees.items()}
        spread = degrees["tp"] * degrees["pp"] * degrees["cp"]
        return Layout(
            **degrees,
            dp=max(1.0, chips // spread),
            zero=1.0 if self.zero is None else float(self.zero),
            recompute=_code("recompute", self.recompute or "selective", RECOMPUTE),
            schedule=_code("schedule", self.schedule or "1f1b", SCHEDULES),
            context=_code("cp-kind", self.cp_kind or "gather", CONTEXT),
        )


def _code(name: str, word: str, table: dict[str, float]) -> float:
    if word not in table:
        raise UnknownNameError(f"--{name}", name, word, table)
    return table[word]


def train(
    model: Annotated[
        str, typer.Argument(help="A catalogue name or a config.json.", show_default=False)
    ],
    chip: Annotated[str, typer.Option("--chip", help="Such as H100.")],
    chips: Annotated[int, typer.Option("-n", "--chips", min=1, help="Chips that compute.")],
    sequence: Annotated[int, typer.Option(min=16, help="Tokens of a sequence.")] = 4096,
    batch: Annotated[
        int, typer.Option(min=0, help="Sequences of a step; 0: about 16M tokens.")
    ] = 0,
    precision: Annotated[str, typer.Option(help=f"One of {', '.join(PRECISIONS)}.")] = "bf16",
    tokens: Annotated[
        str, typer.Option(help="Tokens of the run, such as '15T tokens'.")
    ] = "1T tokens",
    tp: Degree = None,
    pp: Degree = None,
    vpp: Degree = None,
    cp: Degree = None,
    ep: Degree = None,
    micro_batch: Degree = None,
    zero: Annotated[int | None, typer.Option(min=0, max=3, show_default=False)] = None,
    recompute: Annotated[
        str | None, typer.Option(help="none, selective or full.", show_default=False)
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(help="1f1b, interleaved, zero-bubble or dualpipe.", show_default=False),
    ] = None,
    cp_kind: Annotated[
        str | None,
        typer.Option(help="Context ranks: gather, ring or all-to-all.", show_default=False),
    ] = None,
    trainer: Annotated[str, typer.Option(help="Training stack, of the catalogue.")] = "current",
    fabric: Annotated[
        str, typer.Option(help="Another network, of the catalogue.", show_default=False)
    ] = "",
    domain: Annotated[
        int, typer.Option(min=0, help="Chips of a scale-up domain; 0: as the chip's.")
    ] = 0,
    oversubscription: Annotated[
        float, typer.Option(min=1.0, help="Of the network between servers; 1: none.")
    ] = 1.0,
    power_cap: Annotated[float, typer.Option(min=0.2, max=1.0, help="Share of rated power.")] = 1.0,
    site: Annotated[
        str, typer.Option(help="Whose weather gives the PUE, and whose grid the price.")
    ] = "us-abilene",
    cooling: Annotated[
        str, typer.Option(help="Cooling system, of the catalogue.", show_default=False)
    ] = "",
    pue: Annotated[
        float | None,
        typer.Option(min=1.0, max=4.0, help="In place of the site's.", show_default=False),
    ] = None,
    price: Annotated[
        str | None,
        typer.Option(help="Such as '60 USD/MWh', in place of the site's.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Step time, memory, power, goodput and cost of a training run."""
    from wattpath import units
    from wattpath.cli.progress import progress
    from wattpath.plan.runcost import place_of, run_cost
    from wattpath.training import train as answer_for

    if precision not in PRECISIONS:
        raise UnknownNameError("--precision", "precision", precision, PRECISIONS)
    degrees = {"tp": tp, "pp": pp, "vpp": vpp, "cp": cp, "ep": ep, "micro_batch": micro_batch}
    asked = _Asked(degrees, zero, recompute, schedule, cp_kind)
    amount = units.parse(tokens, "tokens", "--tokens")
    usd_j = None if price is None else units.parse(price, "money per energy", "--price")
    layout = asked.layout(chips) if asked.any else None
    if Path(model).suffix == ".json" and not Path(model).is_file():
        raise InputError("MODEL", "be a config.json that exists", model)
    with progress() as report:
        report("Checking the layout" if asked.any else "Searching layouts", 0.0)
        answer = answer_for(
            model,
            chip,
            float(chips),
            layout=layout,
            sequence=float(sequence),
            batch=float(batch),
            bits=PRECISIONS[precision],
            tokens=amount,
            trainer=trainer,
            power_cap=power_cap,
            fabric=fabric,
            oversubscription=oversubscription,
            domain=float(domain),
            report=lambda share: report("Searching layouts", share),
        )
    cost = None
    if answer.feasible:
        place = place_of(site, chip, cooling, pue, usd_j)
        cost = None if place is None else run_cost(chip, chips, answer.days, answer.energy_j, place)
    _print(answer, cost, chip, as_json)
    if not answer.feasible:
        typer.echo(f"wattpath: infeasible: {answer.reason}.", err=True)
        raise typer.Exit(INFEASIBLE)


def _print(answer: TrainingAnswer, cost: RunCost | None, chip: str, as_json: bool) -> None:
    if as_json:
        from wattpath.cli.app import finite

        data: dict[str, Any] = answer.to_json()
        data["cost"] = None if cost is None else cost.to_json()
        typer.echo(json.dumps(finite(data), indent=2))
        return
    from wattpath.cli.show_train import show

    show(answer, cost, chip)
