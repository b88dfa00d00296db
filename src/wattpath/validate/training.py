"""Predicted against published training steps: any table with the columns of `COLUMNS`.

A row that cannot be answered is refused with the reason; a row that leaves something open
(micro-batch, chunks, recomputation) is answered with the best setting that fits, since
published runs are tuned ones.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wattpath import catalog
from wattpath.errors import WattpathError
from wattpath.training.layout import REASONS, Layout, microbatches, validity
from wattpath.training.steptime import Step, step
from wattpath.training.trainer import Trainer, load_trainer, with_options
from wattpath.validate.ledger import Ledger, LedgerRow, compare, read_rows
from wattpath.validate.stacks import trainer_name
from wattpath.validate.training_rows import (
    COLUMNS,
    RefusalError,
    Run,
    measured_step_s,
    number,
    read_run,
    row_bits,
    row_chip,
    row_degrees,
    row_layouts,
    row_shape,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "COLUMNS", "best", "fitted", "judge", "measured_step_s", "row_bits", "row_chip",
    "row_degrees", "row_layouts", "row_shape", "trainer_name", "training_ledger",
]  # fmt: skip


def training_ledger(file: str | Path) -> Ledger:
    """Predict every row of a table and compare.

    Parameters
    ----------
    file : path
        CSV with at least `COLUMNS`.

    Raises
    ------
    FileInputError
        If the table cannot be read or lacks a column.
    """
    return compare("training", read_rows(file, COLUMNS), judge)


def judge(row: dict[str, str]) -> list[LedgerRow]:
    """One ledger row per published quantity of a measured run."""
    labels = _labels(row)
    try:
        run = read_run(row)
        _, result = best(run, with_options(load_trainer(run.stack), run.options))
    except (RefusalError, WattpathError) as refusal:
        return [_refused(row, labels, str(refusal))]
    note = "" if result.memory_bytes <= run.chip.mem_bytes else "predicted not to fit in memory"
    used = fitted(run.stack, row)
    rows = []
    if run.measured_s is not None:
        rows.append(_row(row, labels, "step_time", result.step_s, run.measured_s, note, used))
    if run.memory_bytes > 0.0:
        rows.append(_row(row, labels, "memory", result.memory_bytes, run.memory_bytes, note, used))
    return rows or [_refused(row, labels, "the row gives no step time, rate or memory")]


def best(run: Run, trainer: Trainer) -> tuple[Layout, Step]:
    """The fastest layout that the row allows and that fits, else the one of least memory.

    Raises
    ------
    RefusalError
        If no layout that the row allows is valid.
    """
    found: list[tuple[bool, float, Layout, Step]] = []
    code = 0
    for layout in run.layouts:
        code = validity(run.shape, layout, run.n_chips, run.job.batch, run.job.sequence, 1.0)
        if code > 0 and not (code == 9 and microbatches(layout, run.job.batch) >= 1.0):
            continue
        result = step(run.shape, run.chip, trainer, layout, run.job)
        if not math.isfinite(result.step_s):
            code = len(REASONS) - 1
            continue
        fits = result.memory_bytes <= run.chip.mem_bytes
        found.append((not fits, result.step_s if fits else result.memory_bytes, layout, result))
    if not found:
        raise RefusalError(REASONS[code])
    _, _, layout, result = min(found, key=lambda item: item[:2])
    return layout, result


def _labels(row: dict[str, str]) -> dict[str, str]:
    kinds = [k for k in ("tp", "pp", "cp", "ep") if number(row, k, 1.0) > 1.0]
    if number(row, "tp", 1.0) > number(row, "scaleup_domain", 1e9):
        kinds.append("tp across nodes")
    if "fsdp" in row.get("sharding", "").lower():
        kinds.append("fsdp")
    names = ("source", "model", "chip", "n_chips", "global_batch", "seq", "precision", "recompute")
    return {
        "chip": row["chip"],
        "precision": row["precision"],
        "layout": "+".join(kinds) or "dp",
        "case": " | ".join(row.get(name, "") for name in names),
    }


def fitted(trainer: str, row: dict[str, str]) -> bool:
    """Whether a constant of the stack was fitted on this row (``source words | chip``)."""
    for words in catalog.load("trainer", trainer).texts("fitted_on"):
        source, _, chip = words.partition(" | ")
        if source.lower() in row["source"].lower() and (not chip or chip == row["chip"]):
            return True
    return False


def _row(
    row: dict[str, str], labels: dict[str, str], quantity: str, predicted: float,
    measured: float, note: str, used: bool,
) -> LedgerRow:  # fmt: skip
    chips = int(number(row, "n_chips"))
    return LedgerRow(
        row["row_id"], row["source"], chips, quantity, predicted, measured, "answered",
        note, used, labels["chip"], labels["precision"], labels["layout"], labels["case"],
    )  # fmt: skip


def _refused(row: dict[str, str], labels: dict[str, str], reason: str) -> LedgerRow:
    chips = int(number(row, "n_chips", 0.0))
    return LedgerRow(
        row["row_id"], row["source"], chips, "step_time", None,
        number(row, "step_time_s", 0.0) or None, "refused", reason, False, labels["chip"],
        labels["precision"], labels["layout"], labels["case"],
    )  # fmt: skip
