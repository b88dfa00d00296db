"""Claims that must come out right although no constant was set for them.

Each row of the table is one published statement, as a figure with the range within which it
counts as met. The prediction runs through the same layers as a plan; what it assumes beside
the statement (a stand-in model, a batch) is said in the row's reason. A row outside its range
stays in the table: it tells where the model is wrong.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from wattpath.validate import claims_campus, claims_serving, claims_training
from wattpath.validate.ledger import Ledger, LedgerRow, compare, read_rows

if TYPE_CHECKING:
    from collections.abc import Callable

#: Columns a table of claims must have.
COLUMNS = (
    "row_id", "claim", "quantity", "published", "low", "high", "source", "reference",
    "fitted", "note",
)  # fmt: skip

#: A value and what it assumes, by the key of a claim; computed one subject at a time.
Answers = dict[str, tuple[float, str]]

#: First word of a claim's key -> what answers all claims of that subject.
SUBJECTS: dict[str, Callable[[], Answers]] = {
    "moe": claims_training.mixture,
    "prune": claims_training.pruning,
    "engine": claims_serving.engines,
    "fp8": claims_serving.eight_bits,
    "int8": claims_serving.integer_weights,
    "drafts": claims_serving.long_drafts,
    "cap": claims_serving.power_caps,
    "decode": claims_serving.decode_power,
    "prompt": claims_campus.median_prompt,
    "campus": claims_campus.vendor_campus,
}


def claims_ledger(file: str | Path) -> Ledger:
    """Predict every claim of a table.

    Raises
    ------
    FileInputError
        If the table cannot be read or lacks a column.
    """
    return compare("claims", read_rows(file, COLUMNS), judge)


def judge(row: dict[str, str]) -> list[LedgerRow]:
    """One ledger row for a claim; refused where nothing computes it."""
    value, basis = _answers(row["row_id"].split("-")[0]).get(row["row_id"], (None, ""))
    said = ". ".join(text for text in (basis, row["note"]) if text)
    return [
        LedgerRow(
            row_id=row["row_id"],
            source=row["source"],
            n_chips=0,
            quantity=row["quantity"],
            predicted=value,
            measured=float(row["published"]),
            status="refused" if value is None else "answered",
            reason=said if value is not None else "no prediction is known for this claim",
            fitted=row["fitted"] == "yes",
            layout=row["claim"],
            low=float(row["low"]),
            high=float(row["high"]),
        )
    ]


@lru_cache(maxsize=16)
def _answers(subject: str) -> Answers:
    answer = SUBJECTS.get(subject)
    return answer() if answer is not None else {}
