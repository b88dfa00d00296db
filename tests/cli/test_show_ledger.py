"""A ledger on the terminal: every part is there, and long names keep both ends."""

from __future__ import annotations

import pytest

from wattpath.cli.show_ledger import ledger
from wattpath.validate.ledger import Ledger, LedgerRow

SOURCE = "Vendor of many chips performance summary 26.04.01"


def row(name: str, predicted: float, measured: float, used: bool = False) -> LedgerRow:
    return LedgerRow(
        name, SOURCE, 8, "step_time", predicted, measured, "answered", fitted=used,
        layout="tp+pp", case=f"{SOURCE} | a model | H100 | BF16",
    )  # fmt: skip


def shown(capsys: pytest.CaptureFixture[str], *rows: LedgerRow) -> str:
    ledger("training", Ledger("training", rows))
    return capsys.readouterr().out


def test_groups_choices_worst_rows_and_refusals(capsys: pytest.CaptureFixture[str]) -> None:
    refused = LedgerRow("r9", SOURCE, 8, "step_time", None, 1.0, "refused", reason="no such chip")
    rows = (row("r1", 1.1, 1.0, used=True), row("r2", 1.5, 2.0), row("r3", 3.0, 3.0), refused)
    out = shown(capsys, *rows)
    assert out.startswith("training")
    for words in ("used in a fit", "in no fit", "26.04.01", "rank corr.", "1.00"):
        assert words in out
    assert "1 refused: no such chip" in out
    worst = out[out.index("worst rows") :]
    assert worst.index("r2") < worst.index("r1") < worst.index("r3")
    assert "-25.0%" in worst
    assert "a model" in worst


def test_what_no_row_gives_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, row("r1", 1.0, 1.0))
    assert "alternatives" not in out
    assert "used in a fit" not in out
    assert "worst rows" not in shown(capsys)
