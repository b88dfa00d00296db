"""A fleet tried on its busiest day, request by request.

Each hour of the day is sampled at its own rate: the clock of the rhythm is shortened so that
an hour lasts `hour_s`, long enough for many answers, and the sampled hours pass one after the
other: those around the peak, and more of the day where they do not decide. A large fleet is
tried by a cell of it, with as many ranks of each pool in its proportions, at the load that
the whole fleet has for each rank. A cell of share p of a stream whose counts vary by CV^2
sees counts that vary by

    1 + p (CV^2 - 1)

since what a router spreads is thinned.

Where it breaks down: queues that build up over more than a sampled hour; bursts that hit
one cell alone; a cell joins fewer ranks than its fleet, which makes its waits a little long;
several classes of requests are held to the level together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.demand import ServingDemand
from wattpath.plan.fleet.day import WHOLE, Day, Stretch, stretches
from wattpath.plan.fleet.drive import Drive, drive
from wattpath.plan.fleet.level import sampled
from wattpath.plan.fleet.manner import OF_LENGTH, Manner
from wattpath.plan.fleet.replicas import Replica
from wattpath.plan.operation import Operation
from wattpath.serving.events import Outages
from wattpath.serving.generator import HOUR_S, Pattern, generate
from wattpath.serving.requests import Requests

#: Intervals of the series in each sampled hour.
PARTS = 4
#: A sampled hour holds at least so many mean answers, and seconds.
ANSWERS, LEAST_S = 3.0, 20.0
#: Least ranks of a cell, where the fleet has them, in a trial and for means of a day; and
#: requests of any sample.
LEAST_RANKS, FOR_MEANS, FEWEST = 4, 2, 50
#: Part of the sampled hour in which the others take over what a failure left.
SETTLED = 0.5
#: A failure that is not mended within the sample [s].
FOR_GOOD_S = 1e12
#: Time by which a batch may end later than it came, over the time of its arrivals.
LATE = 0.05


@dataclass(frozen=True, slots=True)
class Trial:
    """What a number of replicas did on the day.

    Attributes
    ----------
    ttft_s, tpot_s : float
        At the demand's percentile over the whole day, at worst [s]; infinite where requests
        were not served at all.
    margin : float
        Largest excess over a limit, relative to it [-]; below 0 the level is kept.
    within, surely_within : float
        Share of requests that kept both limits [-], and what it is at least with a certainty
        of 95 %.
    hours : int
        Of the day that were sampled and judged.
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
    surely_within: float
    hours: int
    share: float
    hour_s: float
    run: Drive

    def to_json(self) -> dict[str, float | int | bool]:
        """Plain values."""
        return {
            "replicas": self.replicas,
            "requests": len(self.run.arrival_s),
            "hours": self.hours,
            "ttft_s": self.ttft_s,
            "tpot_s": self.tpot_s,
            "margin": self.margin,
            "surely_within": self.surely_within,
            "kept": self.kept,
        }

    @property
    def kept(self) -> bool:
        """Whether the service level was kept."""
        return self.margin <= 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a fleet is tried with.

    Attributes
    ----------
    answer_s : float
        Mean time of an answer [s], which says how long a sampled hour must be.
    each_hour : float
        About how many requests of a mean hour are simulated.
    seed : int
        Of the requests.
    scale : float
        Traffic over the day's own [-].
    whole : bool
        Whether all hours of the day are sampled, for its means.
    """

    demand: ServingDemand
    day: Day
    answer_s: float
    each_hour: float
    seed: int
    scale: float = 1.0
    whole: bool = False

    def stretches(self) -> list[Stretch]:
        """What is sampled, one after the other until it is decided."""
        found = stretches(self.day, self.demand.flexible)
        return [WHOLE] if self.whole else found


def try_replicas(replica: Replica, replicas: int, asked: Asked) -> Trial:
    """Let replicas answer a sample of the day."""
    cell = _cell(replica, replicas, asked)
    ranks = tuple(cell.size * count for count in replica.cell_ranks)
    how = _steady(asked.demand.operation, ranks)
    for stretch in asked.stretches():
        made = _sample(asked, cell, stretch)
        run = drive(replica, ranks, made, Manner(how, asked.seed), cell.hour_s / PARTS)
        found = _judged(replicas, asked, run, cell, stretch)
        if found is not None:
            return found
    raise AssertionError("a whole day decides")


def try_failure(replica: Replica, replicas: int, spares: int, asked: Asked) -> Trial:
    """Let all spare replicas fail at once as the busiest hour begins.

    Those that the traffic needs and the spare ones work side by side until then; what the
    failed ones held is sent anew. The level is that of all but those whom the failure met in
    flight and who came in the half of the sampled hour after it: seconds, but a far larger
    share of the sample than of a day.

    Parameters
    ----------
    replicas, spares : int
        In service after the failure, and those that fail.
    """
    cell = _cell(replica, replicas, asked)
    failing = max(1, round(spares * replica.cells * cell.share))
    ranks = tuple((cell.size + failing) * count for count in replica.cell_ranks)
    how, busiest = _steady(asked.demand.operation, ranks, failing=True), asked.day.hours.argmax()
    for stretch in asked.stretches():
        when = stretch.hours.index(int(busiest)) * cell.hour_s
        outages = tuple(_failing(cell, failing, count, when) for count in replica.cell_ranks)
        made = _sample(asked, cell, stretch)
        manner = Manner(how, asked.seed, outages)
        run = drive(replica, ranks, made, manner, cell.hour_s / PARTS)
        seen = (run.arrival_s >= when + SETTLED * cell.hour_s) | (run.done_s <= when)
        found = _judged(replicas, asked, run, cell, stretch, seen)
        if found is not None:
            return found
    raise AssertionError("a whole day decides")


def _steady(operation: Operation, ranks: tuple[int, ...], failing: bool = False) -> Operation:
    """How ranks are run that are all on and, but for one given failure, never fail."""
    left: dict[str, str | None] = {"autoscale": None, "cascade": None}
    left |= {} if failing else {"failures": None}
    if operation.router == OF_LENGTH and min(ranks) < 2:  # one rank takes prompts of all lengths
        left |= {"router": "least-loaded"}
    return operation.model_copy(update=left)


@dataclass(frozen=True, slots=True)
class _Cell:
    """What is simulated: parts of the fleet, their share of the traffic, a sampled hour [s]."""

    size: int
    share: float
    hour_s: float


def _failing(cell: _Cell, failing: int, count: int, when: float) -> Outages:
    """The last parts of a pool fail for good."""
    lost = np.arange(cell.size * count, (cell.size + failing) * count)
    return Outages(np.full(len(lost), when), lost, np.full(len(lost), FOR_GOOD_S))


def _sample(asked: Asked, cell: _Cell, stretch: Stretch) -> Requests:
    """Requests of some hours of the day, a part of the fleet's."""
    demand, day, hours = asked.demand, asked.day, asked.day.hours[list(stretch.hours)]
    burst_cv = math.sqrt(max(0.0, 1.0 + cell.share * (day.burst_cv**2 - 1.0)))
    rate = day.rate * asked.scale * cell.share * float(hours.mean())
    lengths = (demand.input_tokens, demand.output_tokens, day.input_cv, burst_cv)
    pattern = Pattern(rate, *lengths, hours, day.output_cv, cell.hour_s)
    return generate(max(FEWEST, round(rate * len(hours) * cell.hour_s)), pattern, asked.seed)


def sampled_hour_s(answer_s: float) -> float:
    """Least length of a sampled hour [s]."""
    return min(HOUR_S, max(LEAST_S, ANSWERS * answer_s))


def _cell(replica: Replica, replicas: int, asked: Asked) -> _Cell:
    """How much of the fleet is simulated, and how long an hour is."""
    hour_s, rate = sampled_hour_s(asked.answer_s), asked.day.rate * asked.scale
    cells, wanted = replicas * replica.cells, asked.each_hour
    each = rate / cells * hour_s
    least = math.ceil((FOR_MEANS if asked.whole else LEAST_RANKS) / min(replica.cell_ranks))
    size = min(cells, max(least, math.floor(wanted / each)))
    if size == cells:
        hour_s = min(HOUR_S, max(hour_s, wanted / rate))
    return _Cell(size, size / cells, hour_s)


def _judged(
    replicas: int,
    asked: Asked,
    run: Drive,
    cell: _Cell,
    stretch: Stretch,
    seen: NDArray[np.bool_] | None = None,
) -> Trial | None:
    """The percentiles against the limits; None where the stretch does not decide.

    A batch must end hardly later than it came.
    """
    demand, shares = asked.demand, stretch.judged(asked.day)
    limits = (demand.ttft or math.inf, demand.tpot or math.inf)
    hour = np.minimum(run.arrival_s // cell.hour_s, len(stretch.hours) - 1).astype(np.int64)
    times = [np.where(np.isfinite(one), one, np.inf) for one in (run.ttft_s, run.tpot_s)]
    seen = np.ones(len(hour), dtype=bool) if seen is None else seen
    sample = sampled((times[0], times[1]), hour - stretch.warm, shares, seen)
    best, worst = sample.late(limits)
    allowed = 1.0 - demand.percentile
    if not demand.flexible and best <= allowed < worst and shares.sum() < 1.0 - 1e-9:
        return None
    ttft_s, tpot_s = sample.times(demand.percentile)
    margin = max(ttft_s / limits[0], tpot_s / limits[1]) - 1.0
    if demand.flexible:
        margin = _overrun(run)
    if not np.isfinite(sample.tpot_s).all():
        margin = math.inf
    found = (ttft_s, tpot_s, margin, *sample.within(limits), len(shares))
    return Trial(replicas, *found, cell.share, cell.hour_s, run)


def _overrun(run: Drive) -> float:
    """How much later a batch ends than it may, over what it may [-]."""
    span = float(run.arrival_s[-1])
    alone = float(np.median(run.e2e_s[: len(run.e2e_s) // 4]))
    return max(0.0, run.seconds - span - alone) / (LATE * span) - 1.0
