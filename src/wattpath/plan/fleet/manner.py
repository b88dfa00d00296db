"""How ranks of a replica are run: the options of the simulator behind a demand's `operation`.

Router and scaling see attention ranks; failures take down all ranks of a server, or of a
worker that spans several. Where it breaks down: a wide worker is switched on and off rank by
rank; servers fail one by one, never a whole network or hall.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from wattpath import levers
from wattpath.errors import InputError
from wattpath.plan.fleet.replicas import DECODE, Pool, Replica
from wattpath.plan.operation import Operation
from wattpath.plan.scenario import Scenario
from wattpath.serving.events import Outages, Scaling
from wattpath.serving.heap import Integers
from wattpath.serving.options import Offload, Options, draw_outages
from wattpath.serving.routing import ROUTERS
from wattpath.training.goodput import load_reliability

#: The router by lengths of prompts, and those that need what a decode pool does not have:
#: prompts with blocks.
OF_LENGTH = "by-length"
OF_PROMPTS = ("prefix-aware", OF_LENGTH)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the ranks of a replica are run.

    Attributes
    ----------
    operation : Operation
        What the demand says.
    seed : int
        Of failures and classes.
    outages : tuple of Outages, optional
        Of each pool, in place of drawn ones.
    file : Path, optional
        Where a long simulation is kept; each pool adds its number.
    """

    operation: Operation = field(default_factory=Operation)
    seed: int = 0
    outages: tuple[Outages, ...] | None = None
    file: Path | None = None

    def options(
        self, replica: Replica, number: int, ranks: int, step_s: float, until_s: float
    ) -> Options:
        """The simulator's options for so many ranks of one of a replica's pools.

        Parameters
        ----------
        number : int
            Of the pool.
        step_s, until_s : float
            Length of an interval of the series, and when the last request comes [s].

        Raises
        ------
        InputError
            If too few ranks are there for what is asked.
        """
        how, pool = self.operation, replica.pools[number]
        router = how.router
        if pool.kind == DECODE and router in OF_PROMPTS:
            router = "least-loaded"
        apart = router == OF_LENGTH
        if apart and ranks < 2:
            hint = f"A pool of {replica.label} has a single attention rank."
            raise InputError("operation.router", "leave ranks for other prompts", router, hint)
        return Options(
            router=ROUTERS[router],
            step_s=step_s,
            classes=max(1, len(how.priorities)),
            long_tokens=how.long_prompt if apart else math.inf,
            long_replicas=min(ranks - 1, math.ceil(how.long_share * ranks)) if apart else 0,
            offload=_offload(how),
            scaling=_scaling(how, ranks),
            outages=self._failing(replica, number, ranks, until_s),
            resend=how.failures is None or how.failures.resend,
        )

    def place(self, number: int) -> Path | None:
        """Where the simulation of one pool is kept."""
        return self.file and self.file.with_name(f"{self.file.name}.{number}")

    def further(self, number: int) -> Manner:
        """The same for another group of replicas, with failures and a file of its own."""
        return replace(self, seed=self.seed + 1000 * number, file=self.place(number))

    def classes(self, count: int) -> Integers:
        """Class of each request, drawn by the shares of `priorities`."""
        shares = self.operation.priorities
        if not shares:
            return np.zeros(count, dtype=np.int64)
        drawn = np.random.default_rng([self.seed, 1]).random(count)
        edges = np.cumsum(shares)[:-1]
        return np.searchsorted(edges, drawn, "right").astype(np.int64)

    def _failing(self, replica: Replica, number: int, ranks: int, until_s: float) -> Outages | None:
        if self.outages is not None:
            return self.outages[number]
        told = self.operation.failures
        if told is None:
            return None
        each, servers = domain(replica, replica.pools[number])
        usual = load_reliability()
        between = told.between or 1.0 / (usual.failure_rate * replica.server.chips)
        repair = usual.detect_s + usual.repair_s if told.repair is None else told.repair
        seed = self.seed + 7 * number
        units = draw_outages(math.ceil(ranks / each), between / servers, repair, until_s, seed)
        return spread(units, each, ranks)


def domain(replica: Replica, pool: Pool) -> tuple[int, int]:
    """Attention ranks that fail together, and servers that they stand on."""
    chips = pool.chips_per_rank * pool.layout.dp
    together = max(1, math.floor(replica.server.chips / chips + 1e-9))
    return together * int(pool.layout.dp), max(1, math.ceil(chips / replica.server.chips - 1e-9))


def spread(units: Outages, each: int, ranks: int) -> Outages:
    """Failures of units as failures of all the ranks in each."""
    members = (units.rank[:, None] * each + np.arange(each)).ravel()
    real = members < ranks
    return Outages(
        np.repeat(units.when, each)[real],
        members[real].astype(np.int64),
        np.repeat(units.until, each)[real],
    )


def _offload(how: Operation) -> Offload:
    tiers = how.tiers
    rates = [rate or math.inf for rate in (tiers.host_rate, tiers.drive_rate)]
    return Offload(tiers.host, rates[0], tiers.drive, rates[1], tiers.swap)


def _scaling(how: Operation, ranks: int) -> Scaling | None:
    told = how.autoscale
    if told is None:
        return None
    least, by_share = float(max(1, math.ceil(told.least * ranks))), told.busy is not None
    target = told.busy if told.busy is not None else told.open_requests
    return Scaling(least, float(ranks), target, float(by_share), told.check, told.start, told.hold)


def with_acceptance(replica: Replica, acceptance: float | None) -> Replica:
    """The replica whose drafts are accepted so often; as it is where None.

    Raises
    ------
    InputError
        If its software does not draft.
    """
    if acceptance is None:
        return replica
    if not all(pool.case.settings.draft_tokens > 0.0 for pool in replica.pools):
        hint = f"The plan's fleet runs {', '.join(replica.levers) or 'no levers'}."
        raise InputError("operation.acceptance", "be left out without drafts", acceptance, hint)
    pools = tuple(
        replace(
            pool,
            case=replace(pool.case, settings=pool.case.settings._replace(acceptance=acceptance)),
        )
        for pool in replica.pools
    )
    return replace(replica, pools=pools)


def acceptance_where_drafted(replica: Replica, acceptance: float | None) -> Replica:
    """As `with_acceptance`, leaving software that does not draft as it is."""
    drafts = all(pool.case.settings.draft_tokens > 0.0 for pool in replica.pools)
    return with_acceptance(replica, acceptance if drafts else None)


def check_drafts(scenario: Scenario, operation: Operation, plan: str) -> None:
    """Refuse an acceptance where no software that a plan may choose drafts.

    Raises
    ------
    InputError
        Before any plan is made.
    """
    keys = [*scenario.baseline.levers]
    keys += scenario.options.levers if plan in ("red", "both") else []
    drafts = any(
        levers.apply_serving([one], levers.plain_serving()).draft_tokens > 0.0
        for one in levers.by_names(keys)
        if one.stage == "serving"
    )
    if operation.acceptance is not None and not drafts:
        hint = f"None of the levers of plan {plan} drafts."
        value = operation.acceptance
        raise InputError("operation.acceptance", "be left out without drafts", value, hint)
