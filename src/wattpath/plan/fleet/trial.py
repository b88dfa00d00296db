"""A fleet tried on its busiest day, request by request.

Each hour of the day is sampled at its own rate: the clock of the rhythm is shortened so that
an hour lasts `hour_s`, long enough for many answers, and the day passes in 24 such hours
one after the other. A large fleet is tried by a cell of it, with as many ranks of each pool
in its proportions, at the load that the whole fleet has for each rank. A cell of share p of
a stream whose counts vary by CV^2 sees counts that vary by

    1 + p (CV^2 - 1)

since what a router spreads is thinned.

Where it breaks down: queues that build up over more than a sampled hour; bursts that hit
one cell alone; a cell joins fewer ranks than its fleet, which makes its waits a little long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.demand import ServingDemand
from wattpath.plan.fleet.drive import Drive, drive
from wattpath.plan.fleet.manner import Manner
from wattpath.plan.fleet.replicas import Replica
from wattpath.plan.rhythm import relative_rate
from wattpath.plan.search import traffic_of
from wattpath.serving.classes import load_class
from wattpath.serving.events import Outages
from wattpath.serving.generator import HOUR_S, Pattern, generate
from wattpath.serving.heap import Floats
from wattpath.serving.requests import Requests

#: Hours of the day, and intervals of the series in each.
HOURS, PARTS = 24, 4
#: A sampled hour holds at least so many mean answers, and seconds.
ANSWERS, LEAST_S = 3.0, 20.0
#: Least ranks of a cell, where the fleet has them.
LEAST_RANKS = 4
#: Part of the sampled hour in which the others take over what a failure left.
SETTLED = 0.5
#: A failure that is not mended within the sample [s].
FOR_GOOD_S = 1e12
#: Time by which a batch may end later than it came, over the time of its arrivals.
LATE = 0.05


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

    def parts(self, count: int) -> Floats:
        """Rate of each of so many parts of the day over the mean [-]."""
        return np.asarray(self.hours.reshape(count, -1).mean(axis=1))


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
class Trial:
    """What a number of replicas did on the day.

    Attributes
    ----------
    ttft_s, tpot_s : float
        At the demand's percentile over the whole day [s]; infinite where requests were not
        served at all.
    margin : float
        Largest excess over a limit, relative to it [-]; below 0 the level is kept.
    within : float
        Share of requests that kept both limits [-].
    share : float
        Of the fleet's traffic that the tried cell took [-].
    hour_s : float
        Length of a sampled hour [s].
    """

    replicas: int
    ttft_s: float
    tpot_s: float
    margin: float
    within: float
    share: float
    hour_s: float
    run: Drive

    def to_json(self) -> dict[str, float | int | bool]:
        """Plain values."""
        return {
            "replicas": self.replicas,
            "requests": len(self.run.arrival_s),
            "ttft_s": self.ttft_s,
            "tpot_s": self.tpot_s,
            "margin": self.margin,
            "kept": self.kept,
        }

    @property
    def kept(self) -> bool:
        """Whether the service level was kept."""
        return self.margin <= 0.0


def try_replicas(
    replica: Replica,
    replicas: int,
    demand: ServingDemand,
    day: Day,
    answer_s: float,
    requests: int,
    seed: int,
    scale: float = 1.0,
    blocks: int = HOURS,
) -> Trial:
    """Let replicas answer a sample of the day.

    Parameters
    ----------
    answer_s : float
        Mean time of an answer [s], which says how long a sampled hour must be.
    requests : int
        About how many are simulated.
    scale : float
        Traffic over the day's own [-].
    blocks : int
        Parts of the day that are sampled, each at its mean rate: 24, or a divisor of it.
    """
    cell = _cell(replica, replicas, day, answer_s, requests, scale, blocks)
    made = _sample(demand, day, cell, scale, seed, blocks)
    ranks = tuple(cell.size * count for count in replica.cell_ranks)
    run = drive(replica, ranks, made, Manner(), cell.hour_s / PARTS)
    return _judged(replicas, demand, run, cell)


def try_failure(
    replica: Replica,
    replicas: int,
    spares: int,
    demand: ServingDemand,
    day: Day,
    answer_s: float,
    requests: int,
    seed: int,
) -> Trial:
    """Let all spare replicas fail at once as the busiest hour begins.

    Those that the traffic needs and the spare ones work side by side until then; what the
    failed ones held is sent anew. The day has the demand's own traffic, without its spare;
    the level is that of all but those whom the failure met in flight and who came in the half
    of the sampled hour after it: seconds, but a far larger share of the sample than of a day.

    Parameters
    ----------
    replicas, spares : int
        In service after the failure, and those that fail.
    """
    cell = _cell(replica, replicas, day, answer_s, requests, 1.0, HOURS)
    made = _sample(demand, day, cell, 1.0, seed, HOURS)
    failing = max(1, round(spares * replica.cells * cell.share))
    when = int(day.hours.argmax()) * cell.hour_s
    ranks, outages = [], []
    for count in replica.cell_ranks:
        lost = np.arange(cell.size * count, (cell.size + failing) * count)
        ranks.append((cell.size + failing) * count)
        outages.append(Outages(np.full(len(lost), when), lost, np.full(len(lost), FOR_GOOD_S)))
    manner = Manner(outages=tuple(outages))
    run = drive(replica, tuple(ranks), made, manner, cell.hour_s / PARTS)
    seen = (run.arrival_s >= when + SETTLED * cell.hour_s) | (run.done_s <= when)
    return _judged(replicas, demand, run, cell, seen)


@dataclass(frozen=True, slots=True)
class _Cell:
    """What is simulated: parts of the fleet, their share of the traffic, a sampled hour [s]."""

    size: int
    share: float
    hour_s: float


def _sample(
    demand: ServingDemand, day: Day, cell: _Cell, scale: float, seed: int, blocks: int
) -> Requests:
    """Requests of the day, a part of the fleet's."""
    burst_cv = math.sqrt(max(0.0, 1.0 + cell.share * (day.burst_cv**2 - 1.0)))
    rate = day.rate * scale * cell.share
    lengths = (demand.input_tokens, demand.output_tokens, day.input_cv, burst_cv)
    pattern = Pattern(rate, *lengths, day.parts(blocks), day.output_cv, cell.hour_s)
    return generate(max(50, round(rate * blocks * cell.hour_s)), pattern, seed)


def sampled_hour_s(answer_s: float) -> float:
    """Least length of a sampled hour [s]."""
    return min(HOUR_S, max(LEAST_S, ANSWERS * answer_s))


def _cell(
    replica: Replica,
    replicas: int,
    day: Day,
    answer_s: float,
    requests: int,
    scale: float,
    blocks: int,
) -> _Cell:
    """How much of the fleet is simulated, and how long an hour is."""
    hour_s, rate = sampled_hour_s(answer_s), day.rate * scale
    cells, wanted = replicas * replica.cells, requests / blocks
    each = rate / cells * hour_s
    least = math.ceil(LEAST_RANKS / min(replica.cell_ranks))
    size = min(cells, max(least, math.floor(wanted / each)))
    if size == cells:
        hour_s = min(HOUR_S, max(hour_s, wanted / rate))
    return _Cell(size, size / cells, hour_s)


def _judged(
    replicas: int,
    demand: ServingDemand,
    run: Drive,
    cell: _Cell,
    seen: NDArray[np.bool_] | slice = slice(None),
) -> Trial:
    """The percentiles against the limits; a batch must end hardly later than it came."""
    level = 100.0 * demand.percentile
    times = [np.where(np.isfinite(one), one, np.inf)[seen] for one in (run.ttft_s, run.tpot_s)]
    ttft_s, tpot_s = (float(np.percentile(one, level, method="higher")) for one in times)
    limits = (demand.ttft or math.inf, demand.tpot or math.inf)
    kept = (times[0] <= limits[0]) & (times[1] <= limits[1])
    margin = max(ttft_s / limits[0], tpot_s / limits[1]) - 1.0
    if demand.flexible:
        span = float(run.arrival_s[-1])
        alone = float(np.median(run.e2e_s[: len(run.e2e_s) // 4]))
        margin = max(0.0, run.seconds - span - alone) / (LATE * span) - 1.0
    if not np.isfinite(run.done_s).all():
        margin = math.inf
    found = (ttft_s, tpot_s, margin, float(kept.mean()))
    return Trial(replicas, *found, cell.share, cell.hour_s, run)
