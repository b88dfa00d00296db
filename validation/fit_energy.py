"""Fit the power constants of chip families, and test them on model families left out.

    python validation/fit_energy.py --energy FILE [--hold-out]

The file has the columns of ``validation/energy.csv``. Each row is replayed as the ledger does;
its shares of the peaks are then scaled to the rate that was measured, so that what the times
miss does not enter the power. Idle power is held at its own evidence and arithmetic at `HELD`.
Each family has a power of running at all, of memory traffic, of reading caches and of unpacking,
drawn towards `CENTRE` by `WIDTH`; narrow elements and narrow arithmetic cost alike everywhere
(`SHARED`). With ``--hold-out`` every model family is left out in turn and predicted by the others.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from wattpath import catalog
from wattpath.hardware.chip import describe
from wattpath.hardware.power import chip_power_w, format_shares
from wattpath.validate.energy import ENERGY_COLUMNS, kv_format, steady_energy
from wattpath.validate.ledger import read_rows
from wattpath.validate.serving_rows import Setup, model_name, number, read_setup

#: Fitted constants of a family and the width of their priors [1/e fold].
WIDTH = {"active_share": 1.5, "memory_power": 0.3, "cache_power": 1.0, "unpack_power": 1.0}
#: Where the priors stand.
CENTRE = {"active_share": 0.05, "memory_power": 0.8, "cache_power": 0.3, "unpack_power": 0.8}
#: Constants that all families share: where their priors stand, and how wide they are.
SHARED = {"narrow_power": (0.15, 0.7), "narrow_arithmetic": (0.2, 1.0)}
#: Power of arithmetic: the rows reach a third of the peak in small products that pad their
#: tiles, while large ones decide what training draws and at what share of the peak the clock
#: falls, which is above half on Ampere and well below it on its successors.
HELD = {"ampere": 0.95, "hopper": 1.8, "blackwell": 2.6}
#: Scale of the soft absolute loss, and what one prior weighs in rows of that error.
SCALE, PRIOR_WEIGHT = 0.05, 0.05
#: Words that begin the names of one family of models.
MODELS = ("Llama 2", "Llama 3", "Mixtral", "Mistral", "Gemma", "Qwen", "gpt-oss")

Floats = NDArray[np.float64]


class Point(NamedTuple):
    """One row: its set-up, chip family, shares at the measured rate and measured power.

    `memory` counts all bytes alike; `cache` is the part of it that reads keys and values.
    """

    setup: Setup
    family: str
    model: str
    source: str
    compute: float
    memory: float
    cache: float
    watts: float


def points(file: Path) -> list[Point]:
    """All rows of a table with their shares at the measured rate."""
    found = []
    for row in read_rows(file, ENERGY_COLUMNS):
        setup = read_setup(row, row["precision"], kv_format(row["engine"]))
        answer, twice = (
            steady_energy(row, replace(setup, chip=setup.chip._replace(cache_power=power)))
            for power in (0.0, 1.0)
        )
        scale = number(row, "output_tokens_per_s") / answer["throughput"]
        name = model_name(row)
        found.append(
            Point(
                setup,
                describe(row.get("chip_name") or row["chip"]).family,
                next((word for word in MODELS if name.startswith(word)), name),
                row["source"],
                answer["compute_share"] * scale,
                answer["memory_share"] * scale,
                (twice["memory_share"] - answer["memory_share"]) * scale,
                number(row, "avg_power_w") / number(row, "n_chips"),
            )
        )
    return found


def names(families: Sequence[str]) -> list[tuple[str, str]]:
    """Family and constant of each fitted number; those of no family are shared by all."""
    own = [(one, name) for one in families for name in WIDTH]
    return own + [("", name) for name in SHARED]


def centres(families: Sequence[str]) -> Floats:
    """Where the priors stand."""
    own = [CENTRE[name] for _ in families for name in WIDTH]
    return np.array(own + [centre for centre, _ in SHARED.values()])


def errors(values: Floats, families: Sequence[str], rows: Sequence[Point]) -> Floats:
    """Logarithm of predicted over measured power."""
    constants = dict(zip(names(families), values, strict=True))
    found = []
    for row in rows:
        own = {name: constants[row.family, name] for name in WIDTH}
        own["compute_power"] = HELD[row.family]
        own |= {name: constants["", name] for name in SHARED}
        chip = row.setup.chip._replace(**own)
        bits = row.setup.settings.weight_bits, row.setup.settings.act_bits
        moved = row.memory + chip.cache_power * row.cache
        shares = format_shares(chip, *bits, row.compute, moved)
        found.append(np.log(chip_power_w(chip, *shares) / row.watts))
    return np.array(found)


def fit(families: Sequence[str], rows: Sequence[Point]) -> Floats:
    """The constants that fit these rows; each chip family counts alike."""
    centre = centres(families)
    width = np.array([WIDTH[n] if one else SHARED[n][1] for one, n in names(families)])
    many = {one: sum(row.family == one for row in rows) for one in families}
    weight = np.array([1.0 / np.sqrt(max(1, many[row.family]) / 100.0) for row in rows])

    def residuals(logs: Floats) -> Floats:
        own = weight * errors(np.exp(logs), families, rows)
        return np.concatenate([own, PRIOR_WEIGHT * (logs - np.log(centre)) / width])

    start = np.log(centre)
    bounds = start - 4.0, np.minimum(start + 4.0, np.log(3.0))
    found = least_squares(residuals, start, bounds=bounds, loss="soft_l1", f_scale=SCALE)
    return np.asarray(np.exp(found.x))


def report(title: str, rows: Sequence[Point], logs: Floats) -> None:
    """Print the error of power by source and chip family."""
    off = np.exp(logs) - 1.0
    print(f"{title}: power, predicted / measured - 1")
    for key in sorted({(row.source, row.family) for row in rows}):
        own = off[[(row.source, row.family) == key for row in rows]]
        middle, high = np.median(np.abs(own)), np.quantile(np.abs(own), 0.9)
        print(f"  {' '.join(key):55s}{len(own):4d} {np.median(own):+7.1%}{middle:7.1%}{high:7.1%}")
    print(f"  {'all':55s}{len(off):4d} {np.median(off):+7.1%}{np.median(np.abs(off)):7.1%}")


def main() -> None:
    """Run the fit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--energy", type=Path, required=True)
    parser.add_argument("--hold-out", action="store_true")
    options = parser.parse_args()
    rows = points(options.energy)
    families = sorted({row.family for row in rows} & set(HELD))
    rows = [row for row in rows if row.family in families]
    values = fit(families, rows)
    report("fitted", rows, errors(values, families, rows))
    if options.hold_out:
        left = np.zeros(len(rows))
        for model in sorted({row.model for row in rows}):
            out = np.array([row.model == model for row in rows])
            others = fit(
                families, [row for row, is_out in zip(rows, out, strict=True) if not is_out]
            )
            left[out] = errors(others, families, [rows[i] for i in np.flatnonzero(out)])
        report("left out", rows, left)
    found: dict[str, dict[str, float]] = {}
    for (one, name), value in zip(names(families), values, strict=True):
        found.setdefault(one or "all", {})[name] = round(float(value), 4)
    idle = {one: catalog.load("efficiency", one).si("idle_share") for one in families}
    print(json.dumps(found | {"idle_share": idle}, indent=1))


if __name__ == "__main__":
    main()
