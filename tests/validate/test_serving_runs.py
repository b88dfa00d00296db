from __future__ import annotations

import numpy as np
import pytest

from wattpath.errors import FileInputError
from wattpath.validate.serving_runs import serving_runs_ledger

HEAD = "request,input_tokens,output_tokens,arrival_s,first_token_s,last_token_s\n"


def _table(path, count=20):
    rows = [f"{i},500,100,{i},{i + 0.05},{i + 1.05}" for i in range(count)]
    path.write_text(HEAD + "\n".join(rows) + "\n")
    return path


def test_distributions_of_a_run_are_compared(tmp_path) -> None:
    ledger = serving_runs_ledger(_table(tmp_path / "rtx4090-llama-3.1-8b.csv"))
    found = {row.quantity: row for row in ledger.rows}
    assert set(found) == {f"{n}_p{p}" for n in ("ttft", "tpot", "latency") for p in (50, 90, 99)}
    assert found["latency_p50"].measured == pytest.approx(1.05)
    assert found["ttft_p99"].measured == pytest.approx(0.05)
    assert found["tpot_p50"].predicted == pytest.approx(0.018, rel=0.5)  # 16 GB at about 1 TB/s
    assert all(np.isfinite(row.error) for row in ledger.rows)


def test_a_table_must_name_chip_and_model(tmp_path) -> None:
    with pytest.raises(FileInputError, match="name a chip and a model"):
        serving_runs_ledger(_table(tmp_path / "nothing-known.csv"))
