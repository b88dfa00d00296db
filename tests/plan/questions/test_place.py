"""Places: the fast draws are exact where prices are, ranks add up, and refusals are told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.plan import scenario
from wattpath.plan.questions.odds import Amounts, Inputs, Latest, Range, standings
from wattpath.plan.questions.place import PlaceAnswer, place
from wattpath.progress import silent

SITES = ("us-chicago", "no-oslo", "cn-guiyang")


def ask(*changes: str, **asked: Any) -> PlaceAnswer:
    from tests.conftest import TINY

    return place(scenario.from_dict(TINY, changes), silent, **asked)


@pytest.fixture(scope="module")
def answer() -> PlaceAnswer:
    return ask(sites=SITES, draws=32)


def test_ranks_and_odds_add_up(answer: PlaceAnswer) -> None:
    assert len(answer.ranked) == 4
    costs = [one.standings["cost"] for one in answer.ranked]
    assert [one.rank for one in costs] == [1, 2, 3, 4]
    assert sum(one.first for one in costs) == pytest.approx(1.0)
    assert all(one.p10 <= one.value <= one.p90 for one in costs)
    assert answer.first("carbon").spot.site == "no-oslo"
    assert 0.0 <= answer.gap < 0.05
    assert {site for site, _ in answer.refused} == {"cn-guiyang"}
    again = ask(sites=SITES, draws=32)
    assert again.to_json() == answer.to_json()


def test_a_held_plan_is_hardly_dearer_than_a_new_one(answer: PlaceAnswer) -> None:
    chicago = next(one for one in answer.ranked if one.spot.site == "us-chicago")
    amounts = chicago.spot.criteria["cost"]
    assert isinstance(amounts, Amounts)
    key = "site us-chicago grid_price"
    span, energy = next(term for term in amounts.terms if term[0].key == key)
    dearer = span.value * 1.1
    with catalog.drawn({("site", "us-chicago", "grid_price"): dearer}):
        moved = ask(sites=("us-chicago",), chips=(chicago.spot.server,), draws=1).ranked[0]
    expected = amounts.value + energy * (dearer - span.value)
    found = moved.spot.criteria["cost"].value
    assert expected * (1.0 - 1e-3) < found <= expected * (1.0 + 1e-6)


def test_nothing_that_stands_at_home_counts_elsewhere(answer: PlaceAnswer) -> None:
    free = ask("grid.existing=50 MW", "baseline.standing_hall=50 MW", sites=SITES[:1], draws=1)
    home = next(one for one in answer.ranked if one.spot.site == "us-chicago")
    assert free.ranked[0].spot.criteria["cost"].value == pytest.approx(
        home.spot.criteria["cost"].value
    )


def test_a_date_leaves_out_what_is_late() -> None:
    late = ask(sites=("us-chicago",), draws=1, months=12.0)
    assert not late.feasible
    assert all(late.refused.values())


def test_shared_inputs_do_not_unsettle_an_order() -> None:
    shared, own = Range("server", 0.5, 1.0, 2.0), Range("site a", 0.5, 1.0, 2.0)
    inputs = Inputs(200, 1)
    same = standings([Amounts(10.0, ((shared, 5.0),)), Amounts(10.1, ((shared, 5.0),))], inputs)
    apart = standings([Amounts(10.0, ((own, 5.0),)), Amounts(10.1, ((shared, 5.0),))], inputs)
    assert same[0].first == 1.0
    assert 0.3 < apart[0].first < 0.7
    assert np.median(inputs.values(own)) == pytest.approx(1.0, rel=0.02)
    assert Latest((shared, own)).drawn(inputs).min() >= 0.5


@pytest.mark.parametrize(
    ("change", "asked", "words"),
    [
        ("seed=1", {"sites": ("us-chicagoo",)}, "Did you mean 'us-chicago'"),
        ("seed=1", {"sites": ("all", "no-oslo")}, "not both"),
        ("seed=1", {"sites": SITES, "draws": 0}, "--draws must be from 1"),
        ("seed=1", {"sites": SITES, "chips": ("B20",)}, "--chips must name a chip or server"),
        ("grid.price=50 USD/MWh", {"sites": SITES}, "not be given where places are compared"),
    ],
)
def test_refused(change: str, asked: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        ask(change, **asked)
