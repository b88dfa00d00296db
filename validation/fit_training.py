"""Fit the training stacks' software constants and say how well they foretell left-out sources.

    python validation/fit_training.py FILE.csv [--write] [--json]

`FILE.csv` has the columns of the training ledger. Chip constants come from kernel tables and
are not touched. Each fitted constant of a stack is a sum of parts, each drawn towards nought::

    constant = common + era + family + release

so that a stack which few rows describe keeps close to its era, and one that no row describes
*is* its era: what is foretold of rows whose source is left out shows what the constants are
worth for stacks that were never measured. Residuals are logarithms of predicted over
measured time, with outliers and numerous sources weighted down.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog
from wattpath.errors import WattpathError
from wattpath.training.layout import Layout
from wattpath.training.steptime import step
from wattpath.training.trainer import Trainer, load_trainer, with_options
from wattpath.validate.ledger import read_rows
from wattpath.validate.stacks import trainer_name
from wattpath.validate.training import COLUMNS, best, fitted
from wattpath.validate.training_rows import RefusalError, Run, read_run

Floats = NDArray[np.float64]

#: Fitted constant -> (logarithmic, prior mean, spread of the common part, of an era, of a
#: family, of a release). Spreads are those of the logarithm, and of the logit of a share.
CONSTANTS = {
    "gemm": (True, 1.0, 0.10, 0.07, 0.06, 0.03),
    "batched_products": (True, 0.5, 0.15, 0.10, 0.10, 0.05),
    "attention_forward": (True, 1.1, 0.10, 0.10, 0.10, 0.05),
    "attention_backward": (True, 1.3, 0.20, 0.15, 0.15, 0.10),
    "attention_ceiling": (True, 8e14, 0.40, 0.01, 0.30, 0.05),
    "elementwise": (True, 1.2, 0.20, 0.15, 0.15, 0.10),
    "host_layer_s": (True, 250e-6, 0.15, 0.10, 0.15, 0.10),
    "host_routed_s": (True, 1e-3, 0.50, 0.01, 0.01, 0.30),
    "expert_fixed_s": (True, 80e-6, 0.50, 0.01, 0.01, 0.30),
    "tp_overlap": (False, 0.5, 1.0, 0.4, 1.0, 0.4),
    "ep_overlap": (False, 0.5, 1.0, 0.4, 0.8, 1.2),
    "shard_overlap": (False, 0.9, 0.5, 0.3, 0.3, 0.2),
}

#: Era -> prior means that differ from those of `CONSTANTS`: layers of eager, unfused kernels
#: need several times as many launches.
ERAS = {"eager": {"host_layer_s": 800e-6}}

#: Family -> how much wider its parts spread, where its chips have no kernel measurements.
WIDER = {"maxtext": 2.5}

#: Stack -> (era, family, release); a stack that is another with one constant changed names
#: that other one.
STACKS = {
    "megatron-2021": ("eager", "megatron-2021", "2021"),
    "megatron-2022": ("eager", "megatron-2021", "2022"),
    "llm-foundry-2023": ("early", "llm-foundry", "2023"),
    "megatron-core-2024": ("early", "megatron-core-2024", "2024"),
    "torchtitan-2024": ("early", "torchtitan", "2024"),
    "torchtitan-2024-eager": ("early", "torchtitan", "2024"),
    "torchtitan-2025": ("early", "torchtitan", "2024"),
    "maxtext-2024": ("early", "maxtext", "2024"),
    "megatron-core-2025": ("late", "megatron-core-2025", "2025"),
    "megatron-core-2026": ("late", "megatron-core-2025", "2026"),
    "megatron-core-2026-06": ("late", "megatron-core-2025", "2026-06"),
}

#: Constants of expert layers, of which only some stacks have rows.
_EXPERTS = ("host_routed_s", "expert_fixed_s", "ep_overlap")

#: Constants that a stack keeps as its catalogue entry has them, by what the stack is.
FIXED = {
    "megatron-2021": ("tp_overlap", "attention_ceiling", *_EXPERTS),
    "megatron-2022": ("tp_overlap", "attention_ceiling", "host_layer_s", *_EXPERTS),
    "llm-foundry-2023": ("tp_overlap", *_EXPERTS),
    "torchtitan-2024": ("tp_overlap", *_EXPERTS),
    "torchtitan-2024-eager": ("tp_overlap", "elementwise", "host_layer_s", *_EXPERTS),
    "torchtitan-2025": ("tp_overlap", *_EXPERTS),
    "maxtext-2024": ("attention_ceiling", "host_layer_s", *_EXPERTS),
    "megatron-core-2025": ("attention_ceiling",),
    "megatron-core-2026": ("attention_ceiling",),
    "megatron-core-2026-06": ("attention_ceiling",),
    "any-2025": ("attention_ceiling",),
}

#: Stack that stands for those that are not known -> its era.
UNKNOWN = {"any-2024": "early", "any-2025": "late"}

#: Scatter of a good row, and the residual beyond which a row counts as an outlier.
SCATTER, OUTLIER = 0.05, 0.15

#: Rows of one source that count in full; more rows share this weight.
ROWS_COUNTED = 40.0


@dataclass
class Rows:
    """The measured rows of one table, their cases and their publishers."""

    runs: list[Run]
    sources: list[str]
    logs: Floats
    layouts: list[Layout]
    fitted: list[bool]


def publisher(source: str) -> str:
    """The source without the number of its edition."""
    return re.sub(r"\s+\d\d\.\d\d.*$", "", source)


def read(file: Path, most: int) -> Rows:
    """The rows that can be predicted; at most about `most` of one publisher, evenly taken."""
    rows = Rows([], [], np.empty(0), [], [])
    table = [row for row in read_rows(file, COLUMNS) if trainer_name(row) in STACKS]
    counts: dict[str, int] = {}
    for row in table:
        counts[publisher(row["source"])] = counts.get(publisher(row["source"]), 0) + 1
    seen: dict[str, int] = {}
    logs = []
    for row in table:
        name = publisher(row["source"])
        seen[name] = seen.get(name, 0) + 1
        if (seen[name] * most) // counts[name] == ((seen[name] - 1) * most) // counts[name]:
            continue
        try:
            run = read_run(row)
            layout, _ = best(run, with_options(load_trainer(run.stack), run.options))
        except (RefusalError, WattpathError):
            continue
        if run.measured_s is None:
            continue
        rows.runs.append(run)
        rows.sources.append(name)
        rows.layouts.append(layout)
        rows.fitted.append(fitted(run.stack, row))
        logs.append(np.log(run.measured_s))
    rows.logs = np.array(logs)
    return rows


def parameter(value: float, log: bool) -> float:
    """What is fitted in place of a constant: its logarithm, or the logit of a share."""
    return float(np.log(value) if log else np.log(value / (1.0 - value)))


def constant(value: float, log: bool) -> float:
    """The constant behind a fitted parameter."""
    return float(np.exp(value) if log else 1.0 / (1.0 + np.exp(-value)))


class Tree:
    """Constants of all stacks as sums of parts: ``prior + matrix @ parts``."""

    def __init__(self) -> None:
        self.stacks = list(STACKS)
        parts: dict[tuple[str, str], int] = {}
        entries: list[tuple[int, int]] = []
        spreads: list[float] = []
        prior = []
        for era, family, release in STACKS.values():
            for name, (log, mean, *spread) in CONSTANTS.items():
                row = len(prior)
                mean = ERAS.get(era, {}).get(name, mean)
                prior.append(parameter(mean, log))
                levels = ("", era, family, f"{family} {release}")
                for level, width in zip(levels, spread, strict=True):
                    if (name, level) not in parts:
                        parts[name, level] = len(parts)
                        spreads.append(width * WIDER.get(level, 1.0))
                    entries.append((row, parts[name, level]))
        self.prior, self.spread, self.parts = np.array(prior), np.array(spreads), parts
        self.matrix = np.zeros((len(prior), len(parts)))
        for row, column in entries:
            self.matrix[row, column] = 1.0

    def constants(self, parts: Floats, stack: str) -> Floats:
        """The fitted parameters of one stack, in the order of `CONSTANTS`."""
        start = self.stacks.index(stack) * len(CONSTANTS)
        place = slice(start, start + len(CONSTANTS))
        result: Floats = self.prior[place] + self.matrix[place] @ parts
        return result

    def era(self, parts: Floats, era: str) -> Floats:
        """The parameters of a stack of this era that is not known."""
        result = []
        for name, (log, mean, *_) in CONSTANTS.items():
            value = parameter(mean, log)
            value += parts[self.parts[name, ""]] + parts[self.parts[name, era]]
            result.append(value)
        return np.array(result)


def applied(trainer: Trainer, stack: str, parameters: Floats) -> Trainer:
    """The stack with its fitted constants replaced."""
    values = {}
    for (name, (log, *_)), value in zip(CONSTANTS.items(), parameters, strict=True):
        if name not in FIXED.get(stack, ()):
            values[name] = constant(float(value), log)
    return trainer._replace(**values)


def predicted(rows: Rows, tree: Tree, parts: Floats, only: NDArray[np.bool_]) -> Floats:
    """Logarithms of predicted seconds of the chosen rows, each in its fixed layout."""
    result = np.zeros(len(rows.runs))
    known: dict[str, Trainer] = {}
    for i in np.flatnonzero(only):
        run = rows.runs[i]
        if run.stack not in known:
            parameters = tree.constants(parts, run.stack)
            known[run.stack] = applied(load_trainer(run.stack), run.stack, parameters)
        trainer = with_options(known[run.stack], run.options)
        outcome = step(run.shape, run.chip, trainer, rows.layouts[i], run.job)
        result[i] = np.log(outcome.step_s)
    return result


def slopes(rows: Rows, tree: Tree, parts: Floats, only: NDArray[np.bool_], now: Floats) -> Floats:
    """Derivatives of the predicted logarithms with respect to the parts."""
    result = np.zeros((len(rows.runs), parts.size))
    for index, (name, (log, *_)) in enumerate(CONSTANTS.items()):
        width = 0.05 if log else 0.2
        moved = parts.copy()
        moved[tree.parts[name, ""]] += width
        change = (predicted(rows, tree, moved, only) - now) / width
        for i in np.flatnonzero(only):
            if name not in FIXED.get(rows.runs[i].stack, ()):
                row = tree.stacks.index(rows.runs[i].stack) * len(CONSTANTS) + index
                result[i] += change[i] * tree.matrix[row]
    return result


def loss(gap: Floats, share: Floats, parts: Floats, tree: Tree) -> float:
    """What the fit makes small: gaps with a soft absolute value, and parts over spreads."""
    soft = 2.0 * OUTLIER**2 * (np.sqrt(1.0 + (gap / OUTLIER) ** 2) - 1.0)
    return float((share * soft).sum() / SCATTER**2 + ((parts / tree.spread) ** 2).sum())


def fit(rows: Rows, tree: Tree, left_out: str = "", rounds: int = 12) -> tuple[Floats, Floats]:
    """Parts that bring predicted close to measured time, and their covariance."""
    use = np.array([name != left_out for name in rows.sources]) & np.array(rows.fitted)
    count = {name: rows.sources.count(name) for name in set(rows.sources)}
    share = use * np.array([min(1.0, ROWS_COUNTED / count[name]) for name in rows.sources])
    parts = np.zeros(len(tree.parts))
    now = predicted(rows, tree, parts, use)
    for _ in range(rounds):
        gap = np.where(use, rows.logs - now, 0.0)
        before = loss(gap, share, parts, tree)
        slope = slopes(rows, tree, parts, use, now)
        weight = share / SCATTER**2 / np.sqrt(1.0 + (gap / OUTLIER) ** 2)
        normal = slope.T @ (weight[:, None] * slope) + np.diag(tree.spread**-2)
        move = np.linalg.solve(normal, slope.T @ (weight * gap) - parts / tree.spread**2)
        scale = 1.0
        while scale > 0.01:
            now = predicted(rows, tree, parts + scale * move, use)
            after = loss(np.where(use, rows.logs - now, 0.0), share, parts + scale * move, tree)
            if after <= before:
                break
            scale *= 0.4
        parts = parts + scale * move
        if before - after < 0.1:
            break
    return parts, np.linalg.inv(normal)


def errors(rows: Rows, logs: Floats, source: str) -> dict[str, float]:
    """Error statistics of one publisher's rows."""
    own = np.array([name == source for name in rows.sources])
    error = np.exp(logs[own] - rows.logs[own]) - 1.0
    size = np.abs(error)
    return {
        "rows": int(own.sum()), "bias": float(error.mean()), "median_abs": float(np.median(size)),
        "mean_abs": float(size.mean()), "p90_abs": float(np.quantile(size, 0.9)),
    }  # fmt: skip


def report(rows: Rows, tree: Tree, parts: Floats) -> dict[str, dict[str, dict[str, float]]]:
    """Errors of every publisher with the common fit and with its own rows left out."""
    everything = np.ones(len(rows.runs), dtype=bool)
    within = predicted(rows, tree, parts, everything)
    result = {}
    for source in sorted(set(rows.sources)):
        own = np.array([name == source for name in rows.sources])
        others, _ = fit(rows, tree, left_out=source)
        without = predicted(rows, tree, others, own)
        result[source] = {
            "fitted": errors(rows, within, source), "left_out": errors(rows, without, source)
        }  # fmt: skip
    return result


def written(file: Path, values: dict[str, tuple[float, float, float]]) -> None:
    """Put fitted values with their ranges into one entry of the catalogue."""
    text = file.read_text(encoding="utf-8")
    for name, (value, low, high) in values.items():
        factor = catalog.schema("trainer").attributes[name].si_factor
        figures = (f"{key} = {x / factor:.4g}" for key, x in
                   (("value", value), ("low", low), ("high", high)))  # fmt: skip
        value_text, low_text, high_text = figures
        text = re.sub(
            rf"^({name} = {{ )value = [^,]+(, unit = [^,]+, )low = [^,]+, high = [^,]+"
            r', source = [^,]+(, date = [^,]+), evidence = "\w+"',
            rf'\g<1>{value_text}\g<2>{low_text}, {high_text}, source = "training-fit"\g<3>, '
            r'evidence = "derived"', text, flags=re.M,
        )  # fmt: skip
    file.write_text(text, encoding="utf-8")


def values_of(
    stack: str, parameters: Floats, deviation: Floats
) -> dict[str, tuple[float, float, float]]:
    """Value, low and high (1.6 standard deviations) of the constants that a stack has fitted."""
    result = {}
    for i, (name, (log, *_)) in enumerate(CONSTANTS.items()):
        if name in FIXED.get(stack, ()):
            continue
        value, low, high = (
            constant(float(parameters[i] + z * deviation[i]), log) for z in (0.0, -1.6, 1.6)
        )
        result[name] = (value, low, high)
    return result


def store(folder: Path, tree: Tree, parts: Floats, covariance: Floats) -> None:
    """Write the constants of all stacks and of those that are not known."""
    spread = np.sqrt(np.diag(tree.matrix @ covariance @ tree.matrix.T))
    for index, stack in enumerate(tree.stacks):
        place = slice(index * len(CONSTANTS), (index + 1) * len(CONSTANTS))
        values = values_of(stack, tree.constants(parts, stack), spread[place])
        written(folder / f"{stack}.toml", values)
    wide = np.array([np.hypot(family, release) for *_, family, release in CONSTANTS.values()])
    for stack, era in UNKNOWN.items():
        written(folder / f"{stack}.toml", values_of(stack, tree.era(parts, era), wide))


def main() -> None:
    """Fit, print the constants and both kinds of error, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="CSV with the columns of the training ledger")
    parser.add_argument("--most", type=int, default=120, help="rows of one publisher in the fit")
    parser.add_argument("--write", type=Path, help="folder of the catalogue's trainer entries")
    parser.add_argument("--quick", action="store_true", help="leave no source out")
    parser.add_argument("--json", type=Path, help="also write errors and constants to this file")
    options = parser.parse_args()
    rows, tree = read(options.data, options.most), Tree()
    parts, covariance = fit(rows, tree)
    constants = {}
    for stack in (*tree.stacks, *UNKNOWN):
        known = stack not in UNKNOWN
        values = tree.constants(parts, stack) if known else tree.era(parts, UNKNOWN[stack])
        used = values_of(stack, values, np.zeros(len(CONSTANTS)))
        constants[stack] = {name: value for name, (value, _, _) in used.items()}
        print(f"{stack:22}", *(f"{n} {v:.4g}" for n, v in constants[stack].items()))
    if options.write:
        store(options.write, tree, parts, covariance)
    told = {} if options.quick else report(rows, tree, parts)
    for source, kinds in told.items():
        for kind, figures in kinds.items():
            shown = "  ".join(f"{k} {v:7.1%}" for k, v in figures.items() if k != "rows")
            print(f"{source[:44]:44} {kind:8} {figures['rows']:4}  {shown}")
    if options.json:
        answer = {"constants": constants, "errors": told}
        options.json.write_text(json.dumps(answer, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
