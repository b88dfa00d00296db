"""The busiest day of a demand, and which of its hours a trial samples.

Requests that miss a level come in the busiest hours. So a trial begins with a stretch of the
day around its peak and goes on to a longer one only where that does not decide; an hour with
less traffic is taken to miss the level no more often than the quietest hour that was sampled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wattpath.plan.columns.search import traffic_of
from wattpath.plan.demand import ServingDemand
from wattpath.plan.rhythm import relative_rate
from wattpath.serving.classes import load_class
from wattpath.serving.heap import Floats

#: Hours of the day, and those that a trial of work without hours samples.
HOURS, ALIKE = 24, 6
#: Busiest hours that a trial samples at first and then, and hours before them that warm up.
STAGES, WARM = (3, 8), 1


@dataclass(frozen=True, slots=True)
class Day:
    """The busiest day of a demand.

    Attributes
    ----------
    rate : float
        Mean of the day [request/s].
    hours : ndarray, shape (24,)
        Rate of each hour over that mean [-].
    input_cv, output_cv, burst_cv : float
        Spread of prompts, of answers and of the gaps between arrivals over their means [-].
    """

    rate: float
    hours: Floats
    input_cv: float
    output_cv: float
    burst_cv: float

    @property
    def peak(self) -> float:
        """Rate of the busiest hour [request/s]."""
        return float(self.rate * self.hours.max())


def busiest_day(demand: ServingDemand, kind: str = "", burst_cv: float | None = None) -> Day:
    """The day of the week with the highest hour; batch work is spread evenly.

    Parameters
    ----------
    kind : str, optional
        A class of traffic of the catalogue, for spread and bursts; without it arrivals are
        Poisson and lengths spread as the steady state takes them.
    burst_cv : float, optional
        In place of the class's own.
    """
    week = relative_rate(demand.rhythm)[: 7 * HOURS].reshape(7, HOURS)
    hours = np.ones(HOURS) if demand.flexible else week[int(week.max(axis=1).argmax())]
    spread = traffic_of(demand).length_cv
    cvs = (spread, spread, 1.0)
    if kind:
        chosen = load_class(kind, "--traffic")
        cvs = (chosen.input_cv, chosen.output_cv, chosen.burst_cv)
    if burst_cv is not None:
        cvs = (*cvs[:2], burst_cv)
    return Day(demand.requests * float(hours.mean()), hours / hours.mean(), *cvs)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hours of the day that follow each other.

    Attributes
    ----------
    hours : tuple of int
        Their numbers, in order.
    warm : int
        So many of them come first to warm up, and are not judged.
    """

    hours: tuple[int, ...]
    warm: int = 0

    def judged(self, day: Day) -> Floats:
        """Shares of the day's requests that come in each judged hour [-]."""
        return np.asarray(day.hours[list(self.hours[self.warm :])] / day.hours.sum())


WHOLE = Stretch(tuple(range(HOURS)))


def stretches(day: Day, flexible: bool) -> list[Stretch]:
    """What a trial samples until it knows enough: ever more of the day.

    Parameters
    ----------
    flexible : bool
        Whether all hours are alike, and no more than some of them are sampled.
    """
    if flexible:
        return [Stretch(tuple(range(ALIKE)))]
    found = [_around(day, count) for count in STAGES]
    return [one for one in found if len(one.hours) < HOURS] + [WHOLE]


def _around(day: Day, count: int) -> Stretch:
    """The shortest stretch that holds the busiest hours, with hours before it to warm up."""
    busiest = np.argsort(-day.hours, kind="stable")[:count]
    spans = (busiest[None, :] - busiest[:, None]) % HOURS
    first, length = busiest[spans.max(axis=1).argmin()], int(spans.max(axis=1).min()) + 1
    if length + WARM > HOURS:
        return WHOLE
    hours = (first - WARM + np.arange(length + WARM)) % HOURS
    return Stretch(tuple(int(one) for one in hours), WARM)
