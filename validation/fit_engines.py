"""Fit the constants of serving engines, and test them on model families that are left out.

    python validation/fit_engines.py --inference FILE --energy FILE [--hold-out model|chip]

The files have the columns of ``validation/inference.csv`` and ``validation/energy.csv``. The
constants of each engine are drawn towards those of the default engine (``continuous-batching``
of the catalogue) by as much as its rows say little: each has a normal prior in its logarithm
(`PRIOR`), and rows count with a soft absolute loss of the logarithm of predicted over
measured. Without ``--hold-out`` the script prints the constants and the ledger of all rows;
with it, it fits anew without each model family (or chip) and prints the ledger of the rows
left out. Kernel constants of chips come from ``fit_kernels.py`` and are not touched here.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from wattpath.errors import UnknownNameError
from wattpath.serving.engine import Engine, load_engine
from wattpath.validate.energy import ENERGY_COLUMNS, judge_energy
from wattpath.validate.inference import COLUMNS, judge
from wattpath.validate.ledger import Ledger, LedgerRow, read_rows
from wattpath.validate.serving_rows import Row, engine_name, model_name, number

#: Constant -> width of its prior [1/e fold] around the default engine's.
PRIOR = {
    "host_s": 1.0, "host_sequence_s": 1.0, "request_s": 0.7, "eager_s": 0.6,
    "kernel_factor": 0.08, "prompt_factor": 0.12, "convert_share": 0.7,
    "collective_factor": 0.3,
}  # fmt: skip
#: Engines that are one software with other limits share the constants of the first.
SHARED = {
    "tensorrt-llm-batch-wait": "tensorrt-llm",
    "tensorrt-llm-one-prompt": "tensorrt-llm",
    "tensorrt-llm-balanced": "tensorrt-llm",
}
#: Words that begin the names of one family of models.
FAMILIES = ("Llama 2", "Llama 3", "DeepSeek", "Mixtral", "Mistral", "Gemma", "Qwen", "gpt-oss")
#: Scale of the loss: errors above this share count less and less.
SCALE = 0.15
#: Quantities of a row that constants of engines move.
FITTED = ("ttft", "tpot", "throughput", "latency")

Judge = Callable[..., list[LedgerRow]]
Job = tuple[Row, Judge]


def family(row: Row) -> str:
    """The family of a row's model."""
    name = model_name(row)
    return next((word for word in FAMILIES if name.startswith(word)), name.split()[0])


def part(row: Row) -> str:
    """The chip of a row."""
    return row.get("chip_name") or row["chip"]


def owner(row: Row) -> str:
    """The engine whose constants a row says something about."""
    return SHARED.get(engine_name(row), engine_name(row))


def limited(row: Row) -> bool:
    """Whether a row is quick enough to replay for a fit."""
    users = number(row, "concurrency", 0.0) or number(row, "avg_batch", 0.0)
    return users <= 512.0 and not number(row, "prefill_workers", 0.0)


def sample(jobs: Sequence[Job], count: int) -> list[Job]:
    """A fixed sample that is even over models, chips and campaigns."""
    groups: dict[tuple[str, ...], list[Job]] = {}
    for job in sorted(jobs, key=lambda j: zlib.crc32(j[0]["row_id"].encode())):
        row = job[0]
        key = (row["source"], model_name(row), part(row), row.get("isl", ""))
        groups.setdefault(key, []).append(job)
    chosen: list[Job] = []
    for turn in range(count):
        for members in groups.values():
            if turn < len(members) and len(chosen) < count:
                chosen.append(members[turn])
    return chosen


def fit(name: str, jobs: Sequence[Job], default: Engine, rounds: int) -> Engine:
    """Constants of one engine from some rows and the default engine."""
    base, names = load_engine(name), list(PRIOR)
    centre = np.log([max(getattr(default, n), 1e-9) for n in names])
    width = np.array(list(PRIOR.values()))

    def engine(steps: NDArray[np.float64]) -> Engine:
        values = np.exp(centre + width * steps)
        return base._replace(**dict(zip(names, values.tolist(), strict=True)))

    def residuals(steps: NDArray[np.float64]) -> NDArray[np.float64]:
        now = engine(steps)
        errors = np.zeros((len(jobs), len(FITTED)))
        for i, (row, judged) in enumerate(jobs):
            found = [r for r in judged(row, lambda key: _limits(key, now)) if r.quantity in FITTED]
            for r in found:
                if r.predicted and r.measured:
                    share = np.log(r.predicted / r.measured) / np.sqrt(len(found))
                    errors[i, FITTED.index(r.quantity)] = share
        soft = errors.ravel() / SCALE
        soft = np.sign(soft) * np.sqrt(2.0 * (np.sqrt(1.0 + soft * soft) - 1.0))
        return np.concatenate([soft, steps])

    start = np.zeros(len(names))
    bounds = (-4.0 * np.ones(len(names)), 4.0 * np.ones(len(names)))
    found = least_squares(residuals, start, bounds=bounds, max_nfev=rounds, diff_step=0.05)
    return engine(found.x)


def _limits(key: str, engine: Engine) -> Engine:
    """An engine's constants under the limits (budget, sequences, memory) of another entry."""
    own = load_engine(key)
    return own._replace(**{name: getattr(engine, name) for name in PRIOR})


def fit_all(
    jobs: Sequence[Job], names: Sequence[str], count: int, rounds: int
) -> dict[str, Engine]:
    """Constants of several engines; those without rows stay at the default."""
    default = load_engine()
    found = {}
    for name in names:
        own = [job for job in jobs if owner(job[0]) == name and limited(job[0])]
        found[name] = fit(name, sample(own, count), default, rounds) if own else default
    return found


def ledger(jobs: Sequence[Job], engines: dict[str, Engine]) -> Ledger:
    """The ledger of some rows with fitted constants."""

    def load(key: str) -> Engine:
        name = SHARED.get(key, key)
        return _limits(key, engines[name]) if name in engines else load_engine(key)

    return Ledger("serving", tuple(r for row, judged in jobs for r in judged(row, load)))


def held_out(jobs: Sequence[Job], label: Callable[[Row], str], count: int, rounds: int) -> Ledger:
    """The ledger of every row with constants that were fitted without its label."""
    rows: list[LedgerRow] = []
    whole: dict[str, Engine] = {}
    for name in sorted({label(row) for row, _ in jobs}):
        own = [job for job in jobs if label(job[0]) == name]
        others = [job for job in jobs if label(job[0]) != name]
        touched = sorted({owner(row) for row, _ in own})
        whole = fit_all(others, touched, count, rounds)
        part_of = ledger(own, whole)
        show(f"without {name}", part_of, ("all",))
        rows.extend(part_of.rows)
    return Ledger("held out", tuple(rows))


def show(title: str, found: Ledger, labels: Sequence[str]) -> None:
    """Print the statistics of a ledger, medians first."""
    print(f"{title}: {len(found.rows)} figures")
    for by in labels:
        for group in sorted(found.groups(by), key=lambda g: (g.quantity, g.name)):
            errors = [
                r.error
                for r in found.rows
                if r.error is not None
                and r.quantity == group.quantity
                and (by == "all" or getattr(r, by) == group.name)
            ]
            bias = float(np.median(errors)) if errors else float("nan")
            print(
                f"  {group.quantity:17s} {group.name[:44]:44s} n {group.n:4d}"
                f"  median {group.median_abs:6.3f}  bias {bias:+6.3f}"
                f"  P90 {group.p90_abs:6.3f}  refused {group.refused}"
            )


def read(options: argparse.Namespace) -> list[Job]:
    """The rows of the tables with what judges them, known engines only."""
    jobs: list[Job] = []
    if options.inference:
        jobs += [(row, judge) for row in read_rows(options.inference, COLUMNS)]
    if options.energy:
        jobs += [(row, judge_energy) for row in read_rows(options.energy, ENERGY_COLUMNS)]
    return jobs


def main() -> None:
    """Fit, or hold out, and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inference", type=Path)
    parser.add_argument("--energy", type=Path)
    parser.add_argument("--engine", action="append", help="fit these engines only")
    parser.add_argument("--hold-out", choices=["model", "chip"])
    parser.add_argument("--sample", type=int, default=40, help="rows of one fit")
    parser.add_argument("--rounds", type=int, default=4, help="steps of one fit")
    parser.add_argument("--json", type=Path, help="also write constants or ledger to this file")
    options = parser.parse_args()
    jobs = read(options)
    if options.hold_out:
        label = family if options.hold_out == "model" else part
        found = held_out(jobs, label, options.sample, options.rounds)
        show("held out", found, ("all", "source", "chip", "precision"))
        if options.json:
            options.json.write_text(json.dumps(found.to_json(), indent=1), encoding="utf-8")
        return
    names = options.engine or sorted({owner(row) for row, _ in jobs})
    engines = fit_all(jobs, names, options.sample, options.rounds)
    for name, engine in engines.items():
        print(name, " ".join(f"{n}={getattr(engine, n):.4g}" for n in PRIOR))
    show("fitted", ledger([j for j in jobs if owner(j[0]) in names], engines), ("all",))
    if options.json:
        text = {n: {k: getattr(e, k) for k in PRIOR} for n, e in engines.items()}
        options.json.write_text(json.dumps(text, indent=1), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except UnknownNameError as error:
        raise SystemExit(str(error)) from error
