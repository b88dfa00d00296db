r"""More chips under the same power: what a larger campus earns, and where that stops.

A vendor sizes one gigawatt for what its racks draw rather than for what their nameplates say,
and puts m times as many chips into it. Each then runs under a cap at which all of them together
draw no more than the fewer did by nameplate. With the rate r(cap) of a chip at a service level,

.. math:: T = m \, \frac{r(cap)}{r(1)}, \qquad u = \frac{1 + \Delta C / (f R_0)}{T}

are tokens over those of the smaller campus, and the share of them that must be sold for the added
servers to pay; :math:`\Delta C` is their yearly cost, R the vendor's revenue and f the price of a
token over the vendor's. Above u = 1 it never pays.

Where it breaks down: one model and one kind of traffic stand for all that runs there; the cap
holds all the time, though a controller would lift it where others draw less; the smaller campus
is taken to sell all its tokens.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from wattpath import __version__, catalog
from wattpath.errors import InputError
from wattpath.hardware.server import load_server
from wattpath.plan.plain import plain
from wattpath.plan.uncertainty import sourced
from wattpath.plan.uncertainty.inputs import Collector
from wattpath.plan.uncertainty.outside import values_of
from wattpath.plan.uncertainty.result import Span, span_of
from wattpath.plan.uncertainty.sobol import normal_points
from wattpath.progress import Progress
from wattpath.validate.claims_campus import (
    MODEL,
    RACK,
    SITE_W,
    VENDOR_CHIPS,
    VENDOR_REVENUE,
    cost_price_factor,
    revenue_ratio,
    sold_share_needed,
)

#: Limits on time per output token that are tried [s].
LEVELS = (0.007, 0.01, 0.02, 0.05, 0.1, 0.2)

#: Prices of a token over the vendor's that are tried; that at which servers' cost is just
#: covered comes beside them.
PRICES = (1.0, 0.5, 0.25)


@dataclass(frozen=True, slots=True)
class Level:
    """One limit on the time per token.

    Attributes
    ----------
    tpot_s : float
        [s].
    cap : float
        Chip power over its rating [-].
    tokens : float
        Of the larger campus over those of the smaller [-]; 0 where the cap breaks the limit.
    tokens_span, sold_span : (float, float, float)
        P10, P50, P90 of the tokens, and of the share to be sold at the vendor's price.
    pays : float
        Share of the draws in which it pays at the vendor's price if all tokens are sold [-].
    sold : dict
        Price over the vendor's -> share that must be sold [-]; None where none would do.
    """

    tpot_s: float
    cap: float
    tokens: float
    tokens_span: Span
    sold_span: Span
    pays: float
    sold: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Crowding:
    """What more chips under the same power come to, level by level."""

    server: str
    model: str
    site_w: float
    chips: tuple[float, float]
    vendor_ratio: float
    cost_price: float
    draws: int
    levels: tuple[Level, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        given: dict[str, Any] = plain(asdict(self))
        return {**given, "version": __version__, "catalog": catalog.digest()}


def crowding(draws: int, seed: int, progress: Progress) -> Crowding:
    """Re-derive the vendor's claim at several service levels.

    Parameters
    ----------
    draws : int
        Over the sourced ranges of the server and its chips.
    seed : int
        Of the draws.
    progress : callable
        ``progress(stage, share)``.
    """
    server = load_server(RACK)
    found = Collector()
    sourced.alone_server(found, server)
    names = tuple(own.key for own in found.inputs())
    points = normal_points(draws, len(names), seed)
    levels = []
    for place, tpot_s in enumerate(LEVELS):
        progress("Trying service levels", place / len(LEVELS))
        drawn = []
        for point in points:
            values = values_of(found.effects, dict(zip(names, point.tolist(), strict=True)))
            with catalog.drawn(values):
                drawn.append(_at(tpot_s))
        levels.append(_level(tpot_s, np.array(drawn).reshape(-1, 2)))
    return Crowding(
        server.name, MODEL, SITE_W, VENDOR_CHIPS, VENDOR_REVENUE[1] / VENDOR_REVENUE[0],
        cost_price_factor(), draws, tuple(levels),
    )  # fmt: skip


def _at(tpot_s: float) -> tuple[float, float]:
    """Tokens over those of the smaller campus, and the share to be sold at the vendor's price."""
    ratio, _ = _tokens(tpot_s)
    return ratio, sold_share_needed(1.0, ratio) if ratio > 0.0 else float("inf")


def _tokens(tpot_s: float) -> tuple[float, float]:
    """Tokens and cap (see `revenue_ratio`); zero where even the free rack breaks the limit."""
    try:
        return revenue_ratio(tpot_s)
    except InputError:
        return 0.0, float("nan")


def _level(tpot_s: float, drawn: np.ndarray[Any, np.dtype[np.float64]]) -> Level:
    """A level with central values and the spans of its draws."""
    ratio, cap = _tokens(tpot_s)
    prices = {f"{factor:g}": factor for factor in PRICES} | {"cost": cost_price_factor()}
    pays = float(np.mean(drawn[:, 1] <= 1.0))
    sold: dict[str, float | None] = {}
    for name, factor in prices.items():
        share = sold_share_needed(factor, ratio) if ratio > 0.0 else float("inf")
        sold[name] = share if share <= 1.0 else None
    return Level(tpot_s, cap, ratio, span_of(drawn[:, 0]), span_of(drawn[:, 1]), pays, sold)
