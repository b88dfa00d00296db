r"""The cheapest off-grid design of at most a given gas share, beside the study's grid of cases.

Solar S and battery B are free numbers, with the study's own arithmetic of cost and operation:

.. math::
    \min_{S, B} c(S, B) \quad \text{such that} \quad r(S, B) \ge r_0

Sun first, then battery, then engines burns the least gas that any operation of the same sizes
could, for charging whenever there is more sun than load, and discharging whenever there is less,
leaves the most for every later hour; engines above the highest shortage need no foresight. So the
optimum over the two sizes is that of the whole problem. Engines are those of the study, or as
large as the highest shortage of the 20 years (`sized`).

Where it breaks down: batteries keep the study's four hours; engines smaller than the highest
shortage, which would have to charge the battery ahead, are not looked at; equal minima are one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from scipy.optimize import brentq

from wattpath.validate.offgrid import StudyCost, assumptions, study_cost

#: Largest solar and battery that are looked at, in loads.
MOST_SOLAR, MOST_STORAGE = 12.0, 8.0

#: Golden section, and how far it narrows a size [MW].
GOLDEN, CLOSE_MW = 0.6180339887498949, 0.5


class Design(NamedTuple):
    """Solar, battery and engines [MW], and what they cost."""

    solar_mw: float
    storage_mw: float
    engine_mw: float
    cost: StudyCost


@cache
def best_design(station: str, renewable_share: float, *, sized: bool = False) -> Design:
    """The design of least levelised cost with at least a renewable share.

    Parameters
    ----------
    station : str
        Weather station of the catalogue.
    renewable_share : float
        Least share of the load that engines do not meet.
    sized : bool
        Whether engines are as large as the highest shortage, instead of the study's.
    """
    free = _over_storage(station, sized, None)
    if free.cost.renewable_share >= renewable_share:
        return free
    return _over_storage(station, sized, renewable_share)


@cache
def _over_storage(station: str, sized: bool, share: float | None) -> Design:
    """The best battery by golden section, with the solar that goes with it."""
    load = _load_mw()

    def at(storage: float) -> Design:
        if share is None:
            return _over_solar(station, storage, sized)
        return _design(station, _solar_for(station, storage, share), storage, sized)

    return _narrowed(at, 0.0, MOST_STORAGE * load)


def _over_solar(station: str, storage: float, sized: bool) -> Design:
    """The best solar beside a battery."""
    return _narrowed(lambda solar: _design(station, solar, storage, sized), 0.0, 6.0 * _load_mw())


def _narrowed(at: Callable[[float], Design], low: float, high: float) -> Design:
    """The least cost between two sizes by golden section, the ends included."""
    ends = [at(low)]
    inner = [at(high - GOLDEN * (high - low)), at(low + GOLDEN * (high - low))]
    while high - low > CLOSE_MW:
        span = GOLDEN * (high - low)
        if _price(inner[0]) < _price(inner[1]):
            high = low + span
            inner = [at(high - GOLDEN * span), inner[0]]
        else:
            low = high - span
            inner = [inner[1], at(low + GOLDEN * span)]
    return min([*ends, *inner], key=_price)


def _solar_for(station: str, storage: float, share: float) -> float:
    """Solar that just reaches a renewable share beside a battery [MW]."""
    most = MOST_SOLAR * _load_mw()

    def over(solar: float) -> float:
        return study_cost(station, solar, storage).renewable_share - share

    if over(most) < 0.0:
        return float("nan")
    return float(brentq(over, 0.0, most, xtol=CLOSE_MW / 4.0)) + CLOSE_MW / 4.0


def _design(station: str, solar: float, storage: float, sized: bool) -> Design:
    """A design with the study's engines, or as large as the highest shortage."""
    own = assumptions()["plant"]["engine_w"] / 1e6
    if solar != solar:
        nothing = StudyCost(float("inf"), 0.0, 1.0, 0.0)
        return Design(solar, storage, own, nothing)
    cost = study_cost(station, solar, storage)
    if not sized:
        return Design(solar, storage, own, cost)
    engine = cost.highest_short_mw
    return Design(solar, storage, engine, study_cost(station, solar, storage, engine_mw=engine))


def _price(design: Design) -> float:
    return design.cost.usd_mwh


def _load_mw() -> float:
    return float(assumptions()["plant"]["load_w"] / 1e6)
