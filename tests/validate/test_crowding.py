"""A vendor's larger campus: more tokens than chips never, and dearer tokens pay sooner."""

from __future__ import annotations

import json

import pytest

from wattpath.validate import crowding


def test_tokens_follow_chips_and_price_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowding, "LEVELS", (0.1,))
    found = crowding.crowding(1, 0, lambda stage, share: None)
    few, many = found.chips
    (level,) = found.levels
    assert 1.0 < level.tokens <= many / few
    shares = [level.sold[name] or 9.0 for name in ("1", "0.5", "0.25", "cost")]
    assert few / many <= shares[0] < shares[1] < shares[2] < 1.0 < shares[3]
    assert level.tokens_span[0] == level.tokens_span[2]
    assert json.loads(json.dumps(found.to_json()))["levels"][0]["sold"]["cost"] is None


def test_a_level_that_no_rack_keeps_makes_nothing() -> None:
    assert crowding._at(1e-6) == (0.0, float("inf"))
