from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath.serving.speculation import tokens_per_step


@settings(deadline=None)  # the first call compiles
@given(st.integers(0, 12), st.floats(0.0, 0.999))
def test_gain_is_the_geometric_sum(drafts: int, acceptance: float) -> None:
    expected = sum(acceptance**i for i in range(drafts + 1)) if acceptance > 0.0 else 1.0
    assert tokens_per_step(float(drafts), acceptance) == pytest.approx(expected, rel=1e-6)


def test_sure_acceptance_gives_every_draft_and_one_more() -> None:
    assert tokens_per_step(4.0, 1.0) == 5.0
