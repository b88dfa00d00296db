"""Fit the constants of serving engines, and test them on rows that are left out.

    python validation/fit_engines.py --inference FILE [--energy FILE]
        [--hold-out model] [--hold-out chip] [--hold-out source]

The files have the columns of ``validation/inference.csv`` and ``validation/energy.csv``. Every
row is answered once with the catalogue's constants and once with each constant moved, which
gives the logarithm of predicted over measured as a linear function of the constants; all fits
are made on that. What all engines share is drawn towards the default engine
(``continuous-batching``), and each engine towards what all share: by as much as the rows say
little (`PRIOR`). Rows count with a soft absolute loss, and each group of alike rows about as
its square root. The script prints the constants and the ledger of all rows; with
``--hold-out`` it fits anew without each model family, chip or source, answers the rows left
out with those constants, and prints their errors by source too. Kernel constants of chips come from
``fit_kernels.py`` and are not touched here.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from fit_shrunk import PRIOR, Table, solve
from numpy.typing import NDArray

from wattpath.errors import UnknownNameError
from wattpath.serving.engine import Engine, load_engine
from wattpath.validate.energy import ENERGY_COLUMNS, judge_energy
from wattpath.validate.inference import COLUMNS, judge
from wattpath.validate.ledger import Ledger, LedgerRow, read_rows
from wattpath.validate.serving_rows import Row, engine_name, model_name, number

#: Engines that are one software with other limits share the constants of the first.
SHARED = {
    "tensorrt-llm-batch-wait": "tensorrt-llm",
    "tensorrt-llm-one-prompt": "tensorrt-llm",
    "tensorrt-llm-balanced": "tensorrt-llm",
}
#: Words that begin the names of one family of models.
FAMILIES = ("Llama 2", "Llama 3", "DeepSeek", "Mixtral", "Mistral", "Gemma", "Qwen", "gpt-oss")
#: Quantities of a row that constants of engines move.
FITTED = ("ttft", "tpot", "throughput", "latency")
#: Most users of a row that is answered for a fit; all rows are answered for the report.
QUICK_USERS = 100.0

Judge = Callable[..., list[LedgerRow]]
Job = tuple[Row, Judge]


def family(row: Row) -> str:
    """The family of a row's model."""
    name = model_name(row)
    return next((word for word in FAMILIES if name.startswith(word)), name.split()[0])


def part(row: Row) -> str:
    """The chip of a row."""
    return row.get("chip_name") or row["chip"]


def source(row: Row) -> str:
    """The source of a row."""
    return row["source"]


LABELS: dict[str, Callable[[Row], str]] = {"model": family, "chip": part, "source": source}


def owner(row: Row) -> str:
    """The engine whose constants a row says something about."""
    return SHARED.get(engine_name(row), engine_name(row))


def limited(row: Row) -> bool:
    """Whether a row is quick enough to replay many times."""
    users = number(row, "concurrency", 0.0) or number(row, "avg_batch", 0.0)
    closed = number(row, "ttft_ms", 0.0) > 0.0
    return (users <= QUICK_USERS or not closed) and not number(row, "prefill_workers", 0.0)


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


def _limits(key: str, constants: Engine) -> Engine:
    """Some constants under the limits (budget, sequences, memory) of another entry."""
    own = load_engine(key)
    fitted = {n: getattr(constants, n) for n in PRIOR if getattr(own, n) > 0.0}
    return own._replace(**fitted)


def logs(job: Job, moved: str | None, width: float) -> dict[str, float]:
    """Logarithm of predicted over measured of a row's quantities, one constant moved."""
    row, judged = job

    def load(key: str) -> Engine:
        own = load_engine(key)
        return own._replace(**{moved: getattr(own, moved) * np.exp(width)}) if moved else own

    return {
        r.quantity: float(np.log(r.predicted / r.measured))
        for r in judged(row, load)
        if r.quantity in FITTED and r.predicted and r.measured
    }


def tabulate(jobs: Sequence[Job]) -> Table:
    """Errors and their slopes with each constant of every quantity of some rows."""
    errors, slopes, groups, owners, rows = [], [], [], [], []
    for job in jobs:
        base = logs(job, None, 0.0)
        moved = {n: logs(job, n, width) for n, width in PRIOR.items()}
        for name, error in base.items():
            errors.append(error)
            slopes.append([moved[n].get(name, error) - error for n in PRIOR])
            row = job[0]
            groups.append((row["source"], model_name(row), part(row), name))
            owners.append(owner(row))
            rows.append(row)
    return Table(np.array(errors), np.array(slopes), groups, owners, rows)


def fit_all(table: Table, keep: NDArray[np.bool_], names: Sequence[str]) -> dict[str, Engine]:
    """Constants of several engines from some rows of a table."""
    engines = {name: load_engine(name) for name in sorted({*names, *table.owners})}
    found = solve(table, keep, engines, load_engine())
    return {name: found[name] for name in names}


def ledger(jobs: Sequence[Job], engines: dict[str, Engine]) -> Ledger:
    """The ledger of some rows with fitted constants."""

    def load(key: str) -> Engine:
        name = SHARED.get(key, key)
        return _limits(key, engines[name]) if name in engines else load_engine(key)

    return Ledger("serving", tuple(r for row, judged in jobs for r in judged(row, load)))


def held_out(jobs: Sequence[Job], table: Table, label: Callable[[Row], str]) -> Ledger:
    """The ledger of every row with constants that were fitted without its label."""
    rows: list[LedgerRow] = []
    labels = np.array([label(row) for row in table.rows])
    for name in sorted({label(row) for row, _ in jobs}):
        own = [job for job in jobs if label(job[0]) == name]
        touched = sorted({owner(row) for row, _ in own})
        part_of = ledger(own, fit_all(table, labels != name, touched))
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
                f"  P90 {group.p90_abs:6.3f}  refused {group.refused}",
                flush=True,
            )


def read(options: argparse.Namespace) -> list[Job]:
    """The rows of the tables with what judges them."""
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
    parser.add_argument("--hold-out", choices=sorted(LABELS), action="append")
    parser.add_argument("--sample", type=int, default=300, help="rows that fits are made on")
    parser.add_argument("--json", type=Path, help="also write constants or ledger to this file")
    options = parser.parse_args()
    jobs = read(options)
    table = tabulate(sample([job for job in jobs if limited(job[0])], options.sample))
    names = sorted({owner(row) for row, _ in jobs})
    engines = fit_all(table, np.ones(len(table.rows), dtype=bool), names)
    for name, engine in engines.items():
        print(name, " ".join(f"{n}={getattr(engine, n):.4g}" for n in PRIOR))
    show("fitted", ledger(jobs, engines), ("all", "source"))
    written: dict[str, object] = {n: {k: getattr(e, k) for k in PRIOR} for n, e in engines.items()}
    for kind in options.hold_out or ():
        found = held_out(jobs, table, LABELS[kind])
        show(f"held out by {kind}", found, ("all", "source", "chip", "precision"))
        written[kind] = found.to_json()
    if options.json:
        options.json.write_text(json.dumps(written, indent=1), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except UnknownNameError as error:
        raise SystemExit(str(error)) from error
