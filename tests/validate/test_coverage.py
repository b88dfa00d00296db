"""The catalogue says of published runs what the table that ships with them says."""

from __future__ import annotations

from pathlib import Path

from wattpath import catalog
from wattpath.validate.coverage import covered

TABLE = Path(__file__).parents[2] / "validation" / "training.csv"


def test_the_catalogue_keeps_step_with_the_table() -> None:
    found = covered(TABLE)
    stated = {entry.text("chip"): entry for entry in catalog.entries("coverage")}
    assert set(stated) == set(found)
    for key, runs in found.items():
        entry = stated[key]
        assert set(entry.texts("kinds")) == runs.kinds, key
        assert set(entry.texts("precisions")) == runs.precisions, key
        assert set(entry.texts("networks")) == runs.networks, key
        assert entry.si("rows") == runs.rows, key
        assert entry.si("chips_high") == runs.chips_high, key
        assert runs.error_p90 <= entry.si("error_p90"), key
