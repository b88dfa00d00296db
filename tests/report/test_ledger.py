from __future__ import annotations

import json
import re

from typer.testing import CliRunner

from wattpath.cli.app import app
from wattpath.report.ledger import scatter, write
from wattpath.validate import Ledger, LedgerRow


def _row(number: int, chip: str, predicted: float | None) -> LedgerRow:
    status = "refused" if predicted is None else "answered"
    return LedgerRow(f"r{number}", "s", 1, "tpot", predicted, 0.01, status, "no <b>", chip=chip)


def _ledger() -> Ledger:
    rows = [_row(i, f"chip{i % 12}", 0.01 * (1.0 + 0.02 * i)) for i in range(30)]
    return Ledger("inference", (*rows, _row(99, "chip0", None)))


def test_every_answered_row_is_drawn_once_beside_the_line_of_equals() -> None:
    drawn = scatter(_ledger().to_json(), "tpot")["data"]
    dots = [trace for trace in drawn if trace["mode"] == "markers"]
    assert sum(len(trace["x"]) for trace in dots) == 30
    assert [trace["name"] for trace in dots][-1] == "other chips"
    line = next(trace for trace in drawn if trace["mode"] == "lines")
    assert line["x"] == line["y"] == [0.01, 0.01]


def test_the_page_names_the_worst_rows_and_escapes_reasons(tmp_path) -> None:
    file = write([_ledger().to_json()], tmp_path / "page.html")
    text = file.read_text(encoding="utf-8")
    worst = text[text.index("<table id='worst'>") :]
    assert re.search(r"<td>r29</td>", worst)
    assert "1 refused: no &lt;b&gt;." in text
    figures = json.loads(re.search(r"id='data'>(.*?)</script>", text)[1])["figures"]
    assert set(figures) == {"inference-tpot"}


def test_the_command_writes_a_page(tmp_path) -> None:
    file = tmp_path / "supply.html"
    result = CliRunner().invoke(app, ["validate", "--kind", "supply", "--html", str(file)])
    assert result.exit_code == 0, result.output
    assert "Predicted against measured" in file.read_text(encoding="utf-8")
