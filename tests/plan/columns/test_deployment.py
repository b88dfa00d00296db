"""Dominance loses nothing: for any prices the cheapest column survives."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath.plan.columns.deployment import Deployment, undominated


def column(
    cost: float,
    idle: float = 1.0,
    full: float = 2.0,
    *,
    players: frozenset[str] = frozenset(),
    cooling: tuple[str, ...] = ("air",),
    label: str = "",
    demand: str = "chat",
) -> Deployment:
    return Deployment(
        demand=demand,
        server="s",
        chip="c",
        levers=(),
        players=players,
        cooling=cooling,
        label=label,
        chips=8,
        servers=1,
        capacity=2.0,
        idle_w=idle,
        full_w=full,
        cost_usd_per_year=cost,
        capital_usd=cost,
        embodied_kg_per_year=1.0,
        loss_nats=0.0,
        lead_time_s=0.0,
    )


def test_worse_in_everything_falls_out() -> None:
    good, bad = column(1.0), column(2.0, 1.5, 2.5)
    assert undominated([bad, good]) == [good]


def test_another_demand_more_players_or_other_cooling_keep_a_column() -> None:
    best = column(1.0, players=frozenset({"x"}), label="best")
    plain = column(2.0, label="plain")
    liquid = column(3.0, cooling=("liquid",), label="liquid")
    other = column(9.0, demand="train", label="other")
    assert {c.label for c in undominated([best, plain, liquid, other])} == {
        "best",
        "plain",
        "liquid",
        "other",
    }


def test_fewer_players_and_no_worse_dominates() -> None:
    free = column(1.0, label="free")
    bound = column(1.0, players=frozenset({"x"}), label="bound")
    assert [c.label for c in undominated([bound, free])] == ["free"]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(*(st.floats(0.1, 10) for _ in range(3)), st.sampled_from(["", "x", "y"])),
        min_size=1,
        max_size=25,
    ),
    st.tuples(*(st.floats(0, 5) for _ in range(3))),
    st.sampled_from(["", "x", "y"]),
)
def test_no_linear_price_prefers_a_dropped_column(
    rows: list[tuple[float, float, float, str]], price: tuple[float, float, float], allowed: str
) -> None:
    columns = [
        column(a, b, b + c, players=frozenset(who), label=str(i))
        for i, (a, b, c, who) in enumerate(rows)
    ]

    def best(items: list[Deployment]) -> float:
        usable = [c for c in items if c.players <= {allowed}]
        values = [np.dot(price, c.burden()[:3]) for c in usable]
        return min(values, default=np.inf)

    assert best(undominated(columns)) <= best(columns) * (1 + 1e-5) + 1e-12
