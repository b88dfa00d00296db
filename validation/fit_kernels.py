"""Fit the efficiency constants of chip families on published kernel measurements.

    python validation/fit_kernels.py --data FOLDER [--family hopper] [--class gemm] [--json]

FOLDER holds the tables of AIConfigurator's kernel measurements (see the source
``aiconfigurator-kernels`` of the catalogue) in one CSV file per kernel: ``gemm``,
``attention_prefill``, ``attention_decode``, ``moe``, ``nccl``, ``allreduce`` and ``deepep``,
with one row per measurement and the columns named in `TABLES`. The script fits the kernels
of `wattpath.hardware` themselves, so that a fitted constant means what the planner computes
with. For each family and class it prints the constants, the error by chip on all rows and,
for families of more than one chip, the error on each chip of constants fitted on the others.

A constant is fitted in its logarithm, within the limits of the schema table, on the
logarithm of time with a soft absolute loss, over a fixed-seed sample. Only constants of the
family are free; peaks and bandwidths stay those of the catalogue.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from fit_rows import ROWS
from numpy.typing import NDArray
from scipy.optimize import least_squares

from wattpath import catalog
from wattpath.hardware import Chip, load_chip

#: Key in the tables -> key in the catalogue.
CHIPS = {
    "A100-SXM-80GB": "nvidia-a100-sxm4-80gb",
    "H100-SXM": "nvidia-h100-sxm",
    "H200-SXM": "nvidia-h200-sxm",
    "B200": "nvidia-b200-sxm",
    "GB200": "nvidia-gb200",
    "B300": "nvidia-b300-sxm",
    "GB300": "nvidia-gb300",
    "L40S": "nvidia-l40s",
    "RTX-PRO-6000": "nvidia-rtx-pro-6000",
}

FAMILIES = {
    "ampere": ("A100-SXM-80GB",),
    "hopper": ("H100-SXM", "H200-SXM"),
    "blackwell": ("B200", "GB200", "B300", "GB300"),
    "ada": ("L40S",),
    "blackwell-rtx": ("RTX-PRO-6000",),
}

#: Errors are told apart above and below this time, where the launch floor rules.
FLOOR_US = 15.0

Timer = Callable[[Chip, NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class KernelClass:
    """One kind of kernel: its table, how to read and time a row, and its constants."""

    name: str
    table: str
    columns: Callable[[pd.DataFrame], pd.DataFrame]
    timer: Timer
    constants: tuple[str, ...]
    setting: dict[str, float]


def read(folder: Path, table: str) -> pd.DataFrame:
    """One table, plain or gzipped."""
    for suffix in (".csv", ".csv.gz"):
        file = folder / f"{table}{suffix}"
        if file.exists():
            return pd.read_csv(file)
    raise SystemExit(f"--data must hold {table}.csv or {table}.csv.gz. Got {folder}.")


def predict(
    kernel: KernelClass, rows: pd.DataFrame, chips: dict[str, Chip], constants: dict[str, float]
) -> NDArray[np.float64]:
    """Predicted seconds of all rows with some constants replaced."""
    result = np.empty(len(rows))
    values = rows[[c for c in rows.columns if c.startswith("x_")]].to_numpy(np.float64)
    for key, positions in rows.groupby("chip_key").indices.items():
        chip = chips[str(key)]._replace(**constants, **kernel.setting)
        result[positions] = kernel.timer(chip, values[positions])
    return result


def fit(
    kernel: KernelClass, rows: pd.DataFrame, chips: dict[str, Chip], sample: int
) -> dict[str, float]:
    """Constants of one class that bring predicted close to measured time."""
    rows = rows.sample(min(sample, len(rows)), random_state=0)
    schema = catalog.schema("efficiency").attributes
    any_chip = next(iter(chips.values()))
    names = [n for n in kernel.constants if _matters(kernel, rows, chips, n)]
    start = np.array([max(getattr(any_chip, n), 1e-12) for n in names])
    low = np.array([max(schema[n].minimum, 1e-6) * schema[n].si_factor for n in names])
    high = np.array([schema[n].maximum * schema[n].si_factor for n in names])
    measured = np.log(rows["seconds"].to_numpy())
    weight = np.where(rows["seconds"] > FLOOR_US * 1e-6, 1.0, 0.5)

    def residuals(logs: NDArray[np.float64]) -> NDArray[np.float64]:
        constants = dict(zip(names, np.exp(logs).tolist(), strict=True))
        result: NDArray[np.float64] = weight * (
            np.log(predict(kernel, rows, chips, constants)) - measured
        )
        return result

    solution = least_squares(
        residuals,
        np.log(np.clip(start, low * 1.001, high * 0.999)),
        bounds=(np.log(low), np.log(high)),
        loss="soft_l1",
        f_scale=0.15,
        max_nfev=200,
    )
    return dict(zip(names, np.exp(solution.x).tolist(), strict=True))


def _matters(kernel: KernelClass, rows: pd.DataFrame, chips: dict[str, Chip], name: str) -> bool:
    """Whether a constant changes the time of any of the rows."""
    few = rows.sample(min(200, len(rows)), random_state=1)
    value = max(getattr(next(iter(chips.values())), name), 1e-9)
    once = predict(kernel, few, chips, {name: value})
    twice = predict(kernel, few, chips, {name: value * 0.7})
    return bool(np.any(np.abs(once / twice - 1.0) > 1e-4))


def errors(rows: pd.DataFrame, predicted: NDArray[np.float64]) -> pd.DataFrame:
    """Median signed and absolute error, and its 90th percentile, by chip and size."""
    error = predicted / rows["seconds"].to_numpy() - 1.0
    size = np.where(rows["seconds"] > FLOOR_US * 1e-6, "above floor", "near floor")
    table = pd.DataFrame(
        {"chip": rows["chip_key"], "size": size, "error": error, "abs": np.abs(error)}
    )
    groups = table.groupby(["chip", "size"])
    return pd.DataFrame(
        {
            "n": groups.size(),
            "bias": groups["error"].median(),
            "median_abs": groups["abs"].median(),
            "p90_abs": groups["abs"].quantile(0.9),
        }
    )


def hold_out(
    kernel: KernelClass, rows: pd.DataFrame, chips: dict[str, Chip], sample: int
) -> pd.DataFrame:
    """Errors on each chip of constants that were fitted on the family's other chips."""
    tables = []
    for key in sorted(set(rows["chip_key"])):
        others, own = rows[rows["chip_key"] != key], rows[rows["chip_key"] == key]
        constants = fit(kernel, others, chips, sample)
        tables.append(errors(own, predict(kernel, own, chips, constants)))
    return pd.concat(tables)


def show(title: str, table: pd.DataFrame) -> None:
    """Print one error table."""
    print(f"  {title}")
    print("    " + table.round(3).to_string().replace("\n", "\n    "))


def main() -> None:
    """Fit what is asked for and print constants and errors."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the tables")
    parser.add_argument("--family", choices=sorted(FAMILIES), action="append")
    parser.add_argument("--class", dest="classes", action="append", help="such as gemm")
    parser.add_argument("--sample", type=int, default=4000, help="rows of a fit")
    parser.add_argument("--json", type=Path, help="also write the constants to this file")
    options = parser.parse_args()
    fitted: dict[str, dict[str, float]] = {}
    for family in options.family or FAMILIES:
        chips = {key: load_chip(CHIPS[key]) for key in FAMILIES[family]}
        found: dict[str, float] = {}
        for kernel in (KernelClass(*row) for row in ROWS):
            if options.classes and kernel.name not in options.classes:
                continue
            rows = kernel.columns(read(options.data, kernel.table))
            rows = rows[rows["chip_key"].isin(chips)].reset_index(drop=True)
            if rows.empty:
                continue
            chips = {key: chip._replace(**found) for key, chip in chips.items()}
            constants = fit(kernel, rows, chips, options.sample)
            found |= constants
            print(f"{family} {kernel.name}")
            for name, value in constants.items():
                factor = catalog.schema("efficiency").attributes[name].si_factor
                print(f"    {name} = {value / factor:.4g}")
            show("all rows", errors(rows, predict(kernel, rows, chips, constants)))
            if rows["chip_key"].nunique() > 1:
                show("held out", hold_out(kernel, rows, chips, options.sample // 2))
        fitted[family] = found
    if options.json:
        options.json.write_text(json.dumps(fitted, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
