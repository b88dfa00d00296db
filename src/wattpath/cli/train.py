"""The command `wattpath train`: one layout, or the best of a search, shown whole."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from wattpath.cli import train_options as opt
from wattpath.errors import InputError

if TYPE_CHECKING:
    from wattpath.plan.runcost import RunCost
    from wattpath.training import TrainingAnswer

INFEASIBLE = 1
#: Options that `wattpath.training.train` takes under their own name.
_SAME = ("trainer", "power_cap", "fabric", "oversubscription", "storage", "sites", "sync")


def train(
    model: opt.Model,
    chip: opt.ChipName,
    chips: opt.Chips,
    sequence: opt.Sequence = 4096,
    batch: opt.Batch = 0,
    precision: opt.Precision = "bf16",
    tokens: opt.Tokens = "1T tokens",
    tp: opt.Degree = None, pp: opt.Degree = None, vpp: opt.Degree = None, cp: opt.Degree = None,
    ep: opt.Degree = None, micro_batch: opt.Degree = None, zero: opt.Zero = None,
    shard: opt.Shard = None, recompute: opt.Recompute = None, schedule: opt.Schedule = None,
    cp_kind: opt.CpKind = None, expert_tp: opt.ExpertTp = None, offload: opt.Offload = None,
    trainer: opt.Trainer = "current",
    fabric: opt.Fabric = "",
    domain: opt.Domain = 0,
    oversubscription: opt.Oversubscription = 1.0,
    storage: opt.Storage = "usual",
    power_cap: opt.PowerCap = 1.0,
    sites: opt.Sites = 1,
    wan: opt.Wan = None,
    sync: opt.Sync = "synchronous",
    site: opt.Site = "us-abilene",
    cooling: opt.Cooling = "",
    pue: opt.Pue = None,
    price: opt.Price = None,
    as_json: opt.AsJson = False,
) -> None:  # fmt: skip
    """Step time, memory, power, goodput and cost of a training run."""
    options = dict(locals())
    options["usd_j"] = _price(price)
    answer = _answer(options)
    cost = _cost(answer, options)
    _print(answer, cost, as_json)
    if not answer.feasible:
        typer.echo(f"wattpath: infeasible: {answer.reason}.", err=True)
        raise typer.Exit(INFEASIBLE)


def _price(text: str | None) -> float | None:
    """A price of electricity [USD/J] as the user wrote it."""
    from wattpath import units

    return None if text is None else units.parse(text, "money per energy", "--price")


def _answer(options: dict[str, Any]) -> TrainingAnswer:
    """Ask for the given layout or the best one, with a progress bar."""
    from wattpath import units
    from wattpath.cli.progress import progress
    from wattpath.training import train as answer_for

    model, wan = options["model"], options["wan"]
    if Path(model).suffix == ".json" and not Path(model).is_file():
        raise InputError("MODEL", "be a config.json that exists", model)
    asked = opt.Asked.read(options)
    each = options["chips"] // options["sites"]
    with progress() as report:
        report("Checking the layout" if asked.any else "Searching layouts", 0.0)
        return answer_for(
            model,
            options["chip"],
            float(options["chips"]),
            layout=asked.layout(each) if asked.any else None,
            sequence=float(options["sequence"]),
            batch=float(options["batch"]),
            bits=opt.bits_of(options["precision"]),
            tokens=units.parse(options["tokens"], "tokens", "--tokens"),
            domain=float(options["domain"]),
            wan_bytes_s=0.0 if wan is None else units.parse(wan, "data rate", "--wan"),
            report=lambda share: report("Searching layouts", share),
            **{name: options[name] for name in _SAME},
        )


def _cost(answer: TrainingAnswer, options: dict[str, Any]) -> RunCost | None:
    """What the run costs at its place; None where it cannot run or no server has a price."""
    if not answer.feasible:
        return None
    from wattpath.plan.runcost import place_of, run_cost

    chip, usd_j = options["chip"], options["usd_j"]
    place = place_of(options["site"], chip, options["cooling"], options["pue"], usd_j)
    if place is None:
        return None
    return run_cost(chip, options["chips"], answer.days, answer.energy_j, place)


def _print(answer: TrainingAnswer, cost: RunCost | None, as_json: bool) -> None:
    if as_json:
        from wattpath.cli.app import finite

        data: dict[str, Any] = answer.to_json()
        data["cost"] = None if cost is None else asdict(cost)
        typer.echo(json.dumps(finite(data), indent=2))
        return
    from wattpath.cli.show_train import show

    show(answer, cost)
