"""The limit that holds a chip back: named, in use, and worth what a longer one saves."""

from __future__ import annotations

import pytest

from wattpath.plan import scenario
from wattpath.plan.columns.search import search
from wattpath.plan.prices import Prices
from wattpath.plan.questions.held import LOOSER, MET, Held, held_of
from wattpath.progress import silent


def held(*changes: str) -> Held:
    from tests.conftest import TINY

    one = scenario.from_dict(TINY, ["options.servers=[]", *changes])
    prices = Prices.of(one)
    found = held_of("nvidia-dgx-h100", one, search(one, prices, silent), prices)
    assert len(found) == 1
    return found[0]


def test_a_time_that_a_chip_can_hardly_reach_is_named_with_its_price() -> None:
    easy, tight = held("demands.0.ttft=2 s"), held("demands.0.ttft=80 ms")
    assert tight.limit == "ttft"
    assert MET <= tight.used <= 1.0
    assert tight.usd_per_request > 1.5 * easy.usd_per_request
    assert tight.looser > 1.2
    later = held(f"demands.0.ttft={80 * LOOSER} ms")
    assert tight.usd_per_request / later.usd_per_request == pytest.approx(tight.looser)


def test_work_without_limits_is_held_by_its_deadline() -> None:
    batch = held("demands.0.ttft=null", "demands.0.tpot=null", "demands.0.deadline=24 h")
    assert (batch.limit, batch.looser) == ("deadline", 1.0)
