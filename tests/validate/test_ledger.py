"""Statistics of the ledger on rows whose answer is known by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wattpath.errors import FileInputError
from wattpath.validate.ledger import Ledger, LedgerRow, read_rows


def row(name: str, predicted: float, measured: float, source: str = "a") -> LedgerRow:
    return LedgerRow(name, source, 8, "step_time", predicted, measured, "answered", case="job")


LEDGER = Ledger(
    "training",
    (
        row("r1", 1.1, 1.0),
        row("r2", 1.8, 2.0),
        row("r3", 3.0, 3.0),
        LedgerRow("r4", "a", 8, "step_time", None, 4.0, "refused", reason="unknown chip"),
        row("r5", 2.0, 1.0, "b"),
    ),
)


def test_errors_are_signed_and_grouped() -> None:
    group = next(g for g in LEDGER.groups("source") if g.name == "a")
    assert (group.n, group.refused) == (3, 1)
    assert group.bias == pytest.approx(0.0)
    assert group.mean_abs == pytest.approx(0.2 / 3.0)
    assert group.median_abs == pytest.approx(0.1)
    assert LEDGER.worst(1)[0].row_id == "r5"
    assert LEDGER.refusals() == [("unknown chip", 1)]


def test_ranking_reports_order_and_regret() -> None:
    ranking = LEDGER.rankings()[0]
    assert ranking.n == 4
    assert ranking.regret == pytest.approx(0.0)
    assert 0.0 < ranking.rank_correlation < 1.0


def test_choices_are_means_over_the_jobs_of_a_source() -> None:
    (choice,) = LEDGER.choices()
    (ranking,) = LEDGER.rankings()
    assert (choice.source, choice.cases) == (ranking.source, 1)
    assert choice.rank_correlation == ranking.rank_correlation
    assert choice.regret == choice.worst_regret == ranking.regret
    assert LEDGER.choices(smallest=5) == []


def test_json_holds_groups_rows_and_reasons() -> None:
    answer = LEDGER.to_json()
    assert {"by", "name", "quantity", "n", "bias", "median_abs", "mean_abs", "p90_abs"} <= set(
        answer["groups"][0]
    )
    assert {group["by"] for group in answer["groups"]} >= {"all", "fitted", "source", "chip"}
    assert answer["worst"][0] == "r5"
    assert answer["choices"][0]["cases"] == 1
    assert answer["rows"][0]["error"] == pytest.approx(0.1)
    assert answer["rows"][3]["status"] == "refused"
    assert answer["rows"][3]["error"] is None


def test_groups_without_an_answer_are_still_json() -> None:
    refused = Ledger("training", (LEDGER.rows[3],))
    text = json.dumps(refused.to_json(), allow_nan=False)
    assert '"n": 0' in text


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("row_id,source\nr1,a\n", encoding="utf-8")
    assert read_rows(file, ("row_id",)) == [{"row_id": "r1", "source": "a"}]
    with pytest.raises(FileInputError, match="chip"):
        read_rows(file, ("row_id", "chip"))
    with pytest.raises(FileInputError, match="readable"):
        read_rows(tmp_path / "none.csv", ())
