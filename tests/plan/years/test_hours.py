"""Operation by rule: energy is kept to the last digit, limits hold, nothing is wasted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath.plan.years.hours import Fleet, operate

HOURS = 240


def fleet(seed: int, *, plants: int = 2) -> Fleet:
    random = np.random.default_rng(seed)
    return Fleet(
        able=random.uniform(0.0, 6.0, (plants, HOURS)),
        cost=random.uniform(1.0, 9.0, (plants, HOURS)),
        least=random.uniform(0.0, 1.0, plants),
        ramp=random.uniform(0.5, 9.0, plants),
        energy=random.uniform(200.0, 2000.0, plants),
        power=np.array([2.0]),
        room=np.array([5.0]),
        root=np.array([0.95]),
        leak=np.array([0.01]),
        charge=random.uniform(-1.0, 2.0, (1, HOURS)).clip(0.0),
        discharge=random.uniform(-1.0, 2.0, (1, HOURS)).clip(0.0),
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_every_hour_balances_and_storage_keeps_its_energy(seed: int) -> None:
    made = fleet(seed)
    random = np.random.default_rng(seed + 1)
    load, free = random.uniform(0.0, 12.0, HOURS), random.uniform(0.0, 6.0, HOURS)
    run = operate(made, load, free)
    given_ = run.output.sum(axis=0) + run.discharge[0] - run.charge[0] + free
    np.testing.assert_allclose(given_ + run.short - run.spilled, load, atol=1e-9)
    before = np.concatenate([[0.0], run.level[0, :-1]]) * (1 - made.leak[0])
    moved = run.charge[0] * made.root[0] - run.discharge[0] / made.root[0]
    np.testing.assert_allclose(run.level[0], before + moved, atol=1e-9)
    assert run.level.min() >= -1e-9
    assert run.level.max() <= made.room[0] + 1e-9
    assert (run.charge + run.discharge).max() <= made.power[0] + 1e-9
    assert np.all(run.output <= made.able + 1e-9)
    assert np.all(run.output.sum(axis=1) <= made.energy + 1e-9)
    assert np.minimum(run.short, run.spilled).max() == 0.0


def test_the_cheaper_plant_runs_first_and_the_schedule_charges_at_night() -> None:
    day = np.tile(np.r_[np.full(12, 1.0), np.full(12, 4.0)], HOURS // 24)
    night = np.where(day < 2.0, 0.5, 0.0)[None, :]
    made = Fleet(
        able=np.array([np.full(HOURS, 3.0), np.full(HOURS, 3.0)]),
        cost=np.array([np.full(HOURS, 5.0), np.full(HOURS, 2.0)]),
        least=np.zeros(2),
        ramp=np.full(2, 9.0),
        energy=np.full(2, 1e9),
        power=np.array([1.0]),
        room=np.array([6.0]),
        root=np.array([1.0]),
        leak=np.array([0.0]),
        charge=night,
        discharge=np.where(day > 2.0, 0.5, 0.0)[None, :],
    )
    run = operate(made, day, np.zeros(HOURS))
    assert run.short.max() == 0.0
    assert run.output[1, :12] == pytest.approx(1.5)  # the load and what storage takes
    assert run.output[1, 12:24] == pytest.approx(3.0)  # the cheap one in full
    assert run.output[0, 12:24] == pytest.approx(0.5)  # storage gives the rest
    assert run.output[0, :12].max() == 0.0
