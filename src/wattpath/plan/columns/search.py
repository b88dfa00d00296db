"""Enumerate every way to meet every demand, and keep what no other one beats.

For each demand: server x lever set x layout x operating point, evaluated by the compiled
kernels of `wattpath.serving` and `wattpath.training`. What does not fit, misses the
service level or the quality floor falls out with its reason and its margin.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wattpath import hardware, levers, models
from wattpath.hardware import Server
from wattpath.levers import Lever
from wattpath.models import Architecture
from wattpath.plan.columns.deployment import Columns, Deployment, freedom, undominated
from wattpath.plan.columns.floor import nearest
from wattpath.plan.columns.leversets import LeverSet, lever_sets
from wattpath.plan.columns.points import need_of, points_of, serving_need, traffic_of, training_need
from wattpath.plan.columns.tally import Tally
from wattpath.plan.columns.unit import Context
from wattpath.plan.demand import Demand
from wattpath.plan.kept import deployment_of, folder, row_of
from wattpath.plan.operate.elsewhere import over_sites
from wattpath.plan.operate.provisioning import rated
from wattpath.plan.operate.sharing import shares
from wattpath.plan.prices import Prices
from wattpath.plan.scenario import Scenario
from wattpath.progress import Progress
from wattpath.units import MONTH_S

__all__ = [
    "Group",
    "architecture_of",
    "in_time",
    "need_of",
    "search",
    "servers_of",
    "serving_need",
    "traffic_of",
    "training_need",
]

#: Why software that loses too much falls out.
FLOOR = "quality floor"

#: A demand, a server and the levers in force there.
Group = tuple[str, str, tuple[str, ...]]

#: What finished parts are called where they are kept.
KIND = "search"


def architecture_of(demand: Demand, scenario: Scenario) -> Architecture:
    """The demand's model: a catalogue name, or a config.json beside the scenario."""
    if demand.model.endswith(".json"):
        return models.read_config(Path(scenario.folder) / demand.model)
    return models.load(demand.model, f"demands.{demand.name}.model")


def servers_of(scenario: Scenario) -> list[Server]:
    """The baseline's server first, then the options."""
    names = [scenario.baseline.server, *scenario.options.servers]
    paths = ["baseline.server"] + [f"options.servers.{i}" for i in range(len(names) - 1)]
    found = [hardware.load_server(name, path) for name, path in zip(names, paths, strict=True)]
    return list({server.key: server for server in found}.values())


def search(
    scenario: Scenario,
    prices: Prices,
    progress: Progress,
    only: frozenset[Group] | None = None,
) -> Columns:
    """All undominated deployments of a scenario.

    Parameters
    ----------
    scenario : Scenario
    prices : Prices
        What a unit costs a year.
    progress : callable
        ``progress(stage, share)``.
    only : frozenset of (demand, server, levers), optional
        What is evaluated; everything if not given.

    Notes
    -----
    A demand on a server is a part of its own. With a folder in force
    (`wattpath.plan.kept.keeping`) finished parts are kept there, and taken from there.
    """
    owned = scenario.horizon.years > 1 or shares(scenario)
    servers = servers_of(scenario)
    tally, kept = Tally(), list[Deployment]()
    jobs = [(demand, server) for demand in scenario.demands for server in servers]
    for number, (demand, server) in enumerate(jobs):
        part = _Part(scenario, demand, server, server.key != servers[0].key, prices, owned)
        said = f"Evaluating deployments ({number} of {len(jobs)} parts, {tally.considered:,} seen)"
        report = partial(_told, progress, said, number, len(jobs))
        found, seen = part.kept(report) if only is None else part.evaluated(report, only)
        kept += found
        tally.add(seen)
    deployments = undominated(kept, owned=owned)
    tally.counts["beaten"] -= len(deployments)
    tally.counts["kept"] += len(deployments)
    return Columns(tuple(deployments), tally.refusals(), tally.total())


def _told(progress: Progress, said: str, number: int, parts: int, share: float) -> None:
    progress(said, (number + share) / parts)


@dataclass(frozen=True, slots=True)
class _Part:
    """One demand on one server; `new` where the server is not the baseline's."""

    scenario: Scenario
    demand: Demand
    server: Server
    new: bool
    prices: Prices
    owned: bool

    def kept(self, report: Callable[[float], None]) -> tuple[list[Deployment], Tally]:
        """What is left of it and its counts, from the folder in force if it is there."""
        place = folder()
        if place is None:
            return self.evaluated(report)
        made_from = self._made_from()
        for row in place.found(KIND, *made_from):
            return [deployment_of(one) for one in row["deployments"]], Tally.from_json(row)
        found, tally = self.evaluated(report)
        row = {"deployments": [row_of(one) for one in found], **tally.to_json()}
        place.add(KIND, row, *made_from)
        return found, tally

    def evaluated(
        self, report: Callable[[float], None], only: frozenset[Group] | None = None
    ) -> tuple[list[Deployment], Tally]:
        """What is left of it and its counts."""
        scenario, demand, server, tally = self.scenario, self.demand, self.server, Tally()
        architecture = architecture_of(demand, scenario)
        base = levers.by_names(scenario.baseline.levers, "baseline.levers")
        options = levers.by_names(scenario.options.levers, "options.levers")
        base_keys = frozenset(lever.key for lever in base)
        share = scenario.baseline.provisioning
        chosen = []
        for group, further in ((base, ()), (options, ("levers",))):
            tally.freedom = freedom(self._players(further))
            chosen.append(_fitting(group, demand, server, architecture, tally))
        sets = list(lever_sets(*chosen))
        free = [frozenset(freedom(self._players(one.players)).split()) for one in sets]
        for most in dict.fromkeys(free):
            within = [one for one, each in zip(sets, free, strict=True) if each <= most]
            if missed := nearest(demand, within):
                tally.freedom = " ".join(sorted(most))
                tally.refuse("quality", demand.name, FLOOR, 0, missed)
        columns: list[Deployment] = []
        for place, lever_set in enumerate(sets):
            report(place / len(sets))
            if only is not None and (demand.name, server.key, lever_set.keys) not in only:
                continue
            found_here = self._columns(architecture, lever_set, base_keys, tally)
            found_here = over_sites(scenario, demand, architecture, lever_set, found_here)
            columns += rated(found_here, server, share, self.prices.book.it_power_factor)
        if scenario.horizon.years == 1:
            columns = in_time(columns, scenario.months_available, tally)
        tally.counts["beaten"] += len(columns)
        return undominated(columns, owned=self.owned), tally

    def _columns(
        self,
        architecture: Architecture,
        lever_set: LeverSet,
        base: frozenset[str],
        tally: Tally,
    ) -> list[Deployment]:
        """The points with one lever set, if it keeps the quality floor."""
        demand = self.demand
        loss, players = levers.loss_nats(lever_set.levers), self._players(lever_set.players)
        tally.freedom = freedom(players)
        if loss > demand.quality.max_loss_nats:
            tally.refuse("quality", demand.name, FLOOR)
            return []
        need = need_of(demand)
        context = Context(
            demand, architecture, self.server, base, lever_set, players, loss, self.prices, need
        )
        return points_of(context, tally)

    def _players(self, software: Collection[str]) -> frozenset[str]:
        """What a plan must be free to change to have these on the server."""
        return frozenset({*software, "chips"} if self.new else software)

    def _made_from(self) -> tuple[object, ...]:
        """All that the part depends on, beside catalogue and code."""
        beside = {"folder", "name", "description", "seed", "demands"}
        return (
            self.demand.model_dump_json(),
            repr(architecture_of(self.demand, self.scenario)),
            self.server.key,
            repr(self.prices),
            self.scenario.model_dump_json(exclude=beside),
        )


def in_time(
    columns: Sequence[Deployment], months: float, tally: Tally | None = None
) -> list[Deployment]:
    """Deployments that can run by a date.

    Parameters
    ----------
    columns : sequence of Deployment
    months : float
        Until the date [months].
    tally : Tally, optional
        Counts each that cannot, and by how much.
    """
    kept = []
    for column in columns:
        late = column.lead_time_s / MONTH_S - months
        if late <= 1e-9:
            kept.append(column)
        elif tally is not None:
            months_taken = column.lead_time_s / MONTH_S
            reason = f"{column.server} and its software take {months_taken:.0f} months"
            tally.freedom = freedom(column.players)
            tally.refuse("limits", column.demand, reason, 1, f"{reason}, {late:.0f} too late")
    return kept


def _fitting(
    group: Sequence[Lever],
    demand: Demand,
    server: Server,
    architecture: Architecture,
    tally: Tally,
) -> list[Lever]:
    """The levers of a demand's stage whose preconditions chip and model meet."""
    chip = levers.chip_features(server.chip)
    seen = architecture.training_tokens
    model = levers.model_features(architecture.shape, architecture.traits, seen)
    fitting = []
    for lever in group:
        if lever.stage != demand.kind:
            continue
        reason = levers.applicable(lever, chip, model)
        if reason is None:
            fitting.append(lever)
        else:
            tally.refuse("unsupported", demand.name, f"{server.name}: {reason}")
    return fitting
