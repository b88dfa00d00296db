"""What the rows of a training table cover, chip by chip, as the catalogue states it.

The catalogue kind ``coverage`` grades layouts without reading the table; a test keeps the
two in step.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wattpath import catalog
from wattpath.errors import WattpathError
from wattpath.training.evidence import kinds, precision_word
from wattpath.validate.ledger import read_rows
from wattpath.validate.training import (
    COLUMNS,
    judge,
    row_bits,
    row_chip,
    row_layouts,
    row_shape,
    trainer_name,
)

if TYPE_CHECKING:
    from pathlib import Path

#: Words of a row's network -> key of the fabric.
NETWORKS = (
    ("NDR", "infiniband-ndr"),
    ("RoCE/IB", "infiniband-ndr"),
    ("400 Gbps RDMA", "infiniband-ndr"),
    ("HDR", "infiniband-hdr"),
    ("over DCN", "google-dcn"),
)


@dataclass(frozen=True, slots=True)
class Covered:
    """What the published runs of one chip used, and how well their step times are met."""

    kinds: frozenset[str]
    precisions: frozenset[str]
    networks: frozenset[str]
    rows: int
    chips_high: float
    error_p90: float


def covered(file: str | Path) -> dict[str, Covered]:
    """What a training table covers, by key of the chip.

    Parameters
    ----------
    file : path
        CSV as for `wattpath.validate.training.training_ledger`.
    """
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_rows(file, COLUMNS):
        groups[_chip_key(row)].append(row)
    return {key: _covered(rows) for key, rows in groups.items()}


def _chip_key(row: dict[str, str]) -> str:
    for column in ("chip_name", "chip_key", "chip"):
        try:
            return catalog.load("chip", row.get(column) or "-").key
        except WattpathError:
            continue
    raise WattpathError(f"no chip of the catalogue in row {row['row_id']}.")


def _covered(rows: list[dict[str, str]]) -> Covered:
    words: set[str] = set()
    errors = []
    for row in rows:
        chip = row_chip(row)
        layout = next(iter(row_layouts(row, row_shape(row), chip, trainer_name(row))))
        words |= set(kinds(layout, chip))
        errors += [
            abs(line.predicted / line.measured - 1.0)
            for line in judge(row)
            if line.quantity == "step_time" and line.predicted and line.measured
        ]
    named = {key for row in rows for word, key in NETWORKS if word in row.get("network", "")}
    return Covered(
        frozenset(words),
        frozenset(precision_word(row_bits(row)) for row in rows),
        frozenset(named),
        len(errors),
        max(float(row["n_chips"]) for row in rows),
        float(np.quantile(errors, 0.9)) if errors else float("nan"),
    )
