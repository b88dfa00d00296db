r"""The hours in which a grid connection gives nothing: called off by agreement, and failed.

An agreement calls off the dearest hours of the year, which is when a grid is short. Failures
are counted in the hours with the least sun and wind, the dearest of equal ones first, so that
own supply must be able to stand for the whole load when it is hardest. Steps go whole: with
weights w_t and c hours, the steps \pi(1), \pi(2), ... in that order are off until

.. math:: \sum_{k < m} w_{\pi(k)} < c \le \sum_{k \le m} w_{\pi(k)}

Representative days so take off a few hours more than asked, the whole year exactly as many.

Where it breaks down: a grid operator may call in other hours than the dearest; failures come
in spells of their own length and can meet the peak of the load; both are known beforehand.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wattpath.supply.periods import Periods, full_year
from wattpath.supply.site import SiteHours

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


def grid_share(site: SiteHours, periods: Periods) -> Floats:
    """Usable share of the connection at each step [0..1].

    Parameters
    ----------
    site : SiteHours
        With the hours a year that are called off and that fail.
    periods : Periods
        The steps of time.
    """
    share = periods.take(site.grid_available)
    price = periods.take(site.grid_price_usd_j)
    off = _first(np.argsort(-price, kind="stable"), periods, site.curtailed_h)
    share[off] = 0.0
    if site.outage_h > 0.0:
        order = np.lexsort((-price, periods.take(_free_power(site))))
        left = order[~np.isin(order, off)]
        share[_first(left, periods, site.outage_h)] = 0.0
    return share


def grid_hours(site: SiteHours) -> Floats:
    """The same in each hour of the year."""
    return grid_share(site, full_year())


def _first(order: Index, periods: Periods, hours: float) -> Index:
    """The first steps of an order that together make up so many hours."""
    if hours <= 0.0:
        return order[:0]
    before = np.cumsum(periods.weights[order]) - periods.weights[order]
    return order[before < hours * (1.0 - 1e-12)]


def _free_power(site: SiteHours) -> Floats:
    """Sun and wind in each hour, at equal capacities of what the site has."""
    found = [cf for cf in (site.solar_cf, site.wind_cf, site.offshore_cf) if cf is not None]
    return np.asarray(sum(found, np.zeros(site.grid_available.size)))
