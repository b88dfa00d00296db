"""The shipped training measurements stay within bounds that may only shrink."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from wattpath.errors import FileInputError
from wattpath.training import Job
from wattpath.validate import Ledger
from wattpath.validate.training import (
    judge,
    measured_step_s,
    row_degrees,
    row_shape,
    training_ledger,
)

FOLDER = Path(__file__).parents[2] / "validation"


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


ROWS = table("training.csv")


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return training_ledger(FOLDER / "training.csv")


def test_every_published_row_is_answered(ledger: Ledger) -> None:
    assert ledger.refusals() == []
    assert len(ledger.rows) >= len(ROWS)


@pytest.mark.parametrize("bound", table("training_bounds.csv"), ids=lambda row: row["source"][:24])
def test_errors_stay_within_their_bounds(ledger: Ledger, bound: dict[str, str]) -> None:
    group = next(
        g
        for g in ledger.groups("source")
        if (g.name, g.quantity) == (bound["source"], bound["quantity"])
    )
    assert group.n == int(bound["rows"])
    assert group.mean_abs <= float(bound["mean_abs"])


def test_rows_never_used_for_a_fit_are_marked_so(ledger: Ledger) -> None:
    fitted = {row.source for row in ledger.rows if row.fitted}
    assert not any("Korthikanti" in source or "Narayanan" in source for source in fitted)
    assert any("vTrain" in source for source in fitted)


def first(word: str) -> dict[str, str]:
    return dict(next(row for row in ROWS if word in row["source"]))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"chip": "Foo 1", "chip_name": ""}, "chip"),
        ({"precision": "INT3"}, "precision"),
        ({"tp": "5"}, "number of chips"),
        ({"layers": ""}, "layers"),
        ({"step_time_s": "", "tokens_per_s_per_chip": "", "tflops_per_chip": ""}, "gives no"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_reason(
    change: dict[str, str], word: str
) -> None:
    (row,) = judge(first("Korthikanti") | change)
    assert row.status == "refused"
    assert row.error is None
    assert word in row.reason


def test_rates_and_times_agree() -> None:
    row = first("Korthikanti")
    shape = row_shape(row)
    job = Job(float(row["seq"]), float(row["global_batch"]))
    direct = measured_step_s(row, shape, job)
    by_rate = measured_step_s(row | {"step_time_s": ""}, shape, job)
    assert by_rate == pytest.approx(direct, rel=1e-3)


def test_a_table_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("row_id,ttft_ms\n1,2\n", encoding="utf-8")
    with pytest.raises(FileInputError, match="step_time_s"):
        training_ledger(file)


def test_neuron_cores_are_counted_as_chips() -> None:
    row = first("Korthikanti") | {"chip": "AWS Trainium2", "n_chips": "16", "tp": "32"}
    assert row_degrees(row | {"dp": "1"}) == (16.0, 1.0, 1.0, 1.0)
    assert row_degrees(row | {"chip": "H100", "tp": "8", "dp": ""}) == (8.0, 1.0, 1.0, 2.0)
