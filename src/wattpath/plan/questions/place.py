"""The same service in many places on many chips, ranked, with the odds that a rank holds.

Deployments do not depend on the place, so they are searched once for each family of chips;
in each place only halls, supply and the programme of representative days are solved. What
stands at the scenario's own site (connection, hall) is left out: every place is newly built,
with everything allowed that the plan *both* may use. Its other sites stay what they are, beside
every place but themselves; servers are lent as in the plan.

Where it breaks down: eight representative days; the first places are checked over all hours.
Land, labour, customs, law and latency to users are not compared, except as far as a site's
prices hold them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from wattpath import catalog, hardware
from wattpath.errors import InputError
from wattpath.plan.build import parts_of, search_periods, with_lending
from wattpath.plan.columns.deployment import Columns
from wattpath.plan.columns.search import search, servers_of
from wattpath.plan.compute import slots
from wattpath.plan.halls import halls_of, weather_of
from wattpath.plan.limits import missing
from wattpath.plan.operate.elsewhere import with_halls_elsewhere
from wattpath.plan.optimise import Optimiser
from wattpath.plan.plain import plain
from wattpath.plan.prices import Prices
from wattpath.plan.questions.held import Held, held_of
from wattpath.plan.questions.jump import servers_with
from wattpath.plan.questions.odds import CRITERIA, Inputs, Standing, standings
from wattpath.plan.questions.spot import Halls, Spot, spot_of, year_gap
from wattpath.plan.scenario import Scenario
from wattpath.plan.start import expected_w, players_of
from wattpath.plan.uncertainty import hallrange
from wattpath.plan.uncertainty.inputs import Collector
from wattpath.progress import Progress, silent
from wattpath.supply.program import Solution
from wattpath.units import MONTH_S

#: Most months that a place may take where no date is given.
ANY_MONTHS = 360.0

#: Places, the cheapest first, that are checked over all 8,760 hours.
CHECKED = 3


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place with a family of chips: its plan and where it stands by each criterion."""

    spot: Spot
    standings: dict[str, Standing]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "site": self.spot.site,
            "name": catalog.load("site", self.spot.site).name,
            "server": self.spot.server,
            "facility_power_peak_w": self.spot.facility_w,
            "halls": list(self.spot.halls),
            "supply": list(self.spot.supplies),
            **{name: plain(asdict(one)) for name, one in self.standings.items()},
        }


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """Places ranked.

    Attributes
    ----------
    ranked : tuple of Ranked
        By cost.
    refused : dict
        Site and server -> why it cannot serve.
    draws : int
    gap : float
        Largest difference of cost between all hours and representative days among the first [-].
    months : float
        Within which everything had to stand [months].
    held : tuple of Held
        What limit each demand meets on each family of chips.
    """

    scenario: Scenario
    ranked: tuple[Ranked, ...]
    refused: dict[tuple[str, str], str]
    draws: int
    gap: float
    months: float
    held: tuple[Held, ...] = ()

    @property
    def feasible(self) -> bool:
        """Whether any place can serve."""
        return bool(self.ranked)

    def first(self, criterion: str) -> Ranked:
        """The best place by a criterion."""
        return min(self.ranked, key=lambda one: one.standings[criterion].rank)

    def to_json(self) -> dict[str, Any]:
        """The form of `wattpath place --json`."""
        best = {}
        for name in CRITERIA if self.ranked else ():
            one = self.first(name)
            best[name] = {
                "site": one.spot.site,
                "server": one.spot.server,
                "first_in_draws": one.standings[name].first,
            }
        return {
            "scenario": self.scenario.name,
            "draws": self.draws,
            "months": self.months,
            "representative_gap": plain(self.gap),
            "best": best,
            "held": [plain(asdict(one)) for one in self.held],
            "places": [one.to_json() for one in self.ranked],
            "refused": [
                {"site": site, "server": server, "reason": reason}
                for (site, server), reason in self.refused.items()
            ],
        }


@dataclass(frozen=True, slots=True)
class _Family:
    """One server's deployments, whatever the place."""

    server: str
    scenario: Scenario
    columns: Columns


@dataclass(frozen=True, slots=True)
class _Solved:
    spot: Spot
    days: Optimiser
    solution: Solution
    players: frozenset[str]


def place(
    scenario: Scenario,
    progress: Progress,
    *,
    sites: Sequence[str] = (),
    chips: Sequence[str] = (),
    draws: int = 64,
    months: float | None = None,
) -> PlaceAnswer:
    """Rank places and families of chips for a service.

    Parameters
    ----------
    scenario : Scenario
        Its demands, options and rules; not its site.
    progress : callable
        ``progress(stage, share)``.
    sites : sequence of str
        Names of the catalogue; empty for all.
    chips : sequence of str
        Chips or servers; empty for the scenario's servers.
    draws : int
        From the sourced ranges.
    months : float, optional
        Within which everything must stand; any time if not given.

    Raises
    ------
    InputError
        For unknown names, or a scenario whose own prices would make all places alike.
    """
    _check(scenario, draws, months)
    keys = _sites(sites)
    anywhere = _anywhere(scenario, ANY_MONTHS if months is None else months)
    families = _families(anywhere, chips, progress)
    ranges = _ranges(anywhere)
    solved: list[_Solved] = []
    refused: dict[tuple[str, str], str] = {}
    for number, site in enumerate(keys):
        progress(f"Solving {site}", number / len(keys))
        found, failed = _at(site, families, ranges)
        solved += found
        refused |= failed
    progress("Drawing prices", 0.0)
    ranked = _ranked(scenario, [one.spot for one in solved], draws)
    cheap = sorted(solved, key=lambda one: one.spot.criteria["cost"].value)[:CHECKED]
    gaps = []
    for number, one in enumerate(cheap):
        progress("Checking all 8,760 hours of the first", number / len(cheap))
        gaps.append(abs(year_gap(one.days, one.solution, one.players)))
    gap = max(gaps, default=float("nan"))
    held = _held(families, Prices.of(anywhere), progress)
    return PlaceAnswer(scenario, ranked, refused, draws, gap, anywhere.months_available, held)


def _check(scenario: Scenario, draws: int, months: float | None) -> None:
    """Refuse what cannot be compared."""
    own = {
        "grid.price": scenario.grid.price,
        "grid.price_file": scenario.grid.price_file,
        "grid.carbon": scenario.grid.carbon,
        "weather": scenario.weather,
    }
    for path, value in own.items():
        if value is not None:
            hint = f"Leave it to each place: --set {path}=null."
            raise InputError(path, "not be given where places are compared", value, hint)
    if not 1 <= draws <= 10_000:
        raise InputError("--draws", "be from 1 to 10,000", draws)
    if months is not None and not 0.0 < months <= ANY_MONTHS:
        raise InputError("--within", f"be above 0 and at most {ANY_MONTHS:.0f} months", months)


def _sites(names: Sequence[str]) -> list[str]:
    """Keys of the sites, each once."""
    if not names or list(names) == ["all"]:
        return sorted(catalog.names("site"))
    if "all" in names:
        raise InputError("--sites", "be 'all' or a list of names, not both", ", ".join(names))
    return list(dict.fromkeys(catalog.load("site", name, "--sites").key for name in names))


def _anywhere(scenario: Scenario, months: float) -> Scenario:
    """The scenario in one year with nothing standing."""
    grid = scenario.grid.model_copy(update={"existing": None, "limit": None, "limits": []})
    base = scenario.baseline.model_copy(update={"standing_hall": None})
    horizon = scenario.horizon.model_copy(update={"years": 1, "modules": []})
    return scenario.model_copy(
        update={"grid": grid, "baseline": base, "horizon": horizon, "months_available": months}
    )


def _families(scenario: Scenario, chips: Sequence[str], progress: Progress) -> list[_Family]:
    """The deployments of each family, searched once."""
    own = [server.key for server in servers_of(scenario)]
    chosen = own if not chips else list(dict.fromkeys(_server(name, own) for name in chips))
    prices, found = Prices.of(scenario), []
    for number, key in enumerate(chosen):
        progress("Evaluating deployments", number / len(chosen))
        base = scenario.baseline.model_copy(update={"server": key})
        options = scenario.options.model_copy(update={"servers": []})
        one = scenario.model_copy(update={"baseline": base, "options": options})
        found.append(_Family(key, one, search(one, prices, silent)))
    return found


def _held(families: Sequence[_Family], prices: Prices, progress: Progress) -> tuple[Held, ...]:
    """What limit each demand meets on each family."""
    found: list[Held] = []
    for number, one in enumerate(families):
        progress("Loosening limits", number / len(families))
        found += held_of(one.server, one.scenario, one.columns, prices)
    return tuple(found)


def _server(name: str, own: Sequence[str]) -> str:
    """The server that stands for a chip: one of the scenario's own if it has any."""
    found = servers_with(name, "--chips")
    mine = [key for key in found if key in own]
    return (mine or sorted(found, key=lambda key: hardware.load_server(key).chips))[0]


def _ranges(scenario: Scenario) -> Halls:
    """How far overhead, water and cost of halls may lie from their values, in one climate."""
    found = Collector()
    hallrange.halls(found, scenario, weather_of(scenario))
    return dict(found.effects)


def _at(
    site: str, families: Sequence[_Family], ranges: Halls
) -> tuple[list[_Solved], dict[tuple[str, str], str]]:
    """Every family in one place."""
    solved: list[_Solved] = []
    refused: dict[tuple[str, str], str] = {}
    here = _at_home(families[0].scenario, site)
    prices = Prices.of(here)
    try:
        weather = weather_of(here)
    except InputError as error:
        reason = f"no weather is known. {error.hint}"
        return solved, {(site, family.server): reason for family in families}
    halls = halls_of(here, weather, prices.book)
    halls = with_halls_elsewhere(here, halls, weather, prices.book)
    for family in families:
        scenario = _at_home(family.scenario, site)
        players = players_of(family.scenario)["both"]
        found = slots(family.columns.deployments, halls.halls)
        parts = parts_of(scenario, weather, halls.halls, expected_w(family.columns))
        parts, found = with_lending(scenario, parts, found, prices)
        days = Optimiser(parts, found, search_periods(parts))
        late = _late(family, scenario)
        solution = days.solve(players) if not late else None
        if solution is not None and solution.optimal:
            spot = spot_of(site, family.server, days, solution, ranges)
            solved.append(_Solved(spot, days, solution, players))
        else:
            refusals = family.columns.refusals + halls.refusals
            refused[site, family.server] = late or " ".join(missing(days, refusals, players))
    return solved, refused


def _at_home(scenario: Scenario, site: str) -> Scenario:
    """The scenario at a place, which is no other site to itself."""
    others = [o for o in scenario.other_sites if catalog.load("site", o.site).key != site]
    return scenario.model_copy(update={"site": site, "other_sites": others})


def _late(family: _Family, scenario: Scenario) -> str:
    """Why the servers cannot be there in time; empty if they can."""
    months = hardware.load_server(family.server).lead_time_s / MONTH_S
    if months > scenario.months_available:
        return f"{family.server} takes {months:.0f} months."
    return ""


def _ranked(scenario: Scenario, spots: Sequence[Spot], draws: int) -> tuple[Ranked, ...]:
    """Places by cost, with their standing by each criterion."""
    if not spots:
        return ()
    inputs = Inputs(draws, scenario.seed)
    by = {name: standings([spot.criteria[name] for spot in spots], inputs) for name in CRITERIA}
    rows = [Ranked(spot, {name: by[name][i] for name in CRITERIA}) for i, spot in enumerate(spots)]
    order = np.argsort([row.standings["cost"].value for row in rows], kind="stable")
    return tuple(rows[i] for i in order)
