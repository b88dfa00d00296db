"""A project's service on its own site and on others: cost, carbon, water, date.

The plan *both* is solved on representative days for each place with the deployments that the
replan chose, everything newly built, all supplies of the scenario allowed, and no
date, so that the time to power is an answer and not a limit.

Where it breaks down: land, labour, customs, law and latency are compared only as far as the
prices of a site hold them; a few catalogued places stand for whole regions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wattpath import catalog
from wattpath.plan.front import load_scenario
from wattpath.plan.limits import missing
from wattpath.plan.questions.spot import Spot, spot_of
from wattpath.plan.uncertainty.reading import read_days
from wattpath.progress import Progress
from wattpath.projects.bank import Bank
from wattpath.projects.replan import Replan
from wattpath.projects.shared import Shared
from wattpath.projects.spread import chosen

#: Places that a project is compared with: sun and gas, rivers, cold, reactors, coal.
SITES = ("us-abilene", "ca-montreal", "se-lulea", "fr-paris", "cn-ulanqab")

#: Months that a place may take.
ANY_MONTHS = 360.0


@dataclass(frozen=True, slots=True)
class Place:
    """The service at one site, for the whole project; NaN where it cannot be.

    Attributes
    ----------
    site, name : str
        Key and name.
    own : bool
        Whether it is the project's.
    reason : str
        Why it cannot be; empty where it can.
    facility_w : float
        Peak [W].
    cost_usd, carbon_kg, water_m3 : float
        Of a year.
    months : float
        To power: the slowest of what is built [months].
    supplies : tuple of str
        In use.
    """

    site: str
    name: str
    own: bool
    reason: str
    facility_w: float = float("nan")
    cost_usd: float = float("nan")
    carbon_kg: float = float("nan")
    water_m3: float = float("nan")
    months: float = float("nan")
    supplies: tuple[str, ...] = ()

    @property
    def feasible(self) -> bool:
        """Whether the service can be there."""
        return not self.reason


def elsewhere(
    found: Replan, progress: Progress, sites: Sequence[str] = SITES, bank: Bank | None = None
) -> tuple[Place, ...]:
    """The service of a replan at its own site and at others, the cheapest first.

    Parameters
    ----------
    found : Replan
        Feasible in all plans.
    sites : sequence of str
        Keys of other places.
    bank : Bank, optional
        Deployments that are known; an empty one if not given.
    """
    bank = bank or Bank()
    own = found.project.entry.text("site")
    keys = list(dict.fromkeys((own, *sites)))
    places = []
    for number, key in enumerate(keys):
        progress(f"Solving {key}", number / len(keys))
        places.append(_at(found, key, own, bank))
    return tuple(sorted(places, key=lambda one: (not one.feasible, one.cost_usd)))


def _at(found: Replan, key: str, own: str, bank: Bank) -> Place:
    asked = load_scenario(dict(found.scenario))
    asked = asked.model_copy(update={"site": key, "months_available": ANY_MONTHS})
    model = Shared(asked, {}, bank)
    solved = model.solved(only=chosen(found.result.plans), plans=("both",))
    solution = solved.solutions["both"]
    name = catalog.load("site", key).name
    if not solution.optimal:
        reasons = missing(solved.days, solved.refusals, model.players["both"])
        return Place(key, name, key == own, " ".join(reasons) or "No plan exists there.")
    servers = list(read_days(solved.days, solution).servers.values())
    main = max(servers, key=servers.count)
    return _told(spot_of(key, main, solved.days, solution, {}), name, key == own, found.factor)


def _told(spot: Spot, name: str, own: bool, factor: float) -> Place:
    values = {criterion: amounts.value for criterion, amounts in spot.criteria.items()}
    return Place(
        spot.site,
        name,
        own,
        "",
        factor * spot.facility_w,
        factor * values["cost"],
        factor * values["carbon"],
        factor * values["water"],
        values["date"],
        spot.supplies,
    )
