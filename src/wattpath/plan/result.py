"""What a plan answers: four outcomes, the replaceable share, the split and its reasons."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.columns.counts import Counts
from wattpath.plan.columns.deployment import Deployment, Refusal
from wattpath.plan.plain import plain
from wattpath.plan.rebound import Rebound, rebound

if TYPE_CHECKING:
    import pandas as pd

    from wattpath.plan.attribution import Split
    from wattpath.plan.explain import Step
    from wattpath.plan.scenario import Scenario
    from wattpath.plan.years.path import Years

Series = NDArray[np.float64]

#: The four plans, from nothing new to everything.
PLANS = ("baseline", "blue", "red", "both")

#: Key of the replaceable share -> field of an outcome.
SHARES = {
    "power": "facility_power_peak_w",
    "cost": "cost_usd_per_year",
    "energy": "energy_wh_per_year",
    "carbon": "carbon_kg_per_year",
    "water": "water_m3_per_year",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A deployment that the optimum uses, how many units, and its IT energy a year [Wh]."""

    deployment: Deployment
    cooling: str
    electrical: str
    units: float
    share: float
    energy_wh: float


@dataclass(frozen=True, slots=True)
class Built:
    """A supply technology or facility system that the optimum builds.

    `capacity` is in W (storage energy in J under `energy_j`), `energy_wh` what it delivers
    in a year, `cost_usd_per_year` its annualised capital, operation and fuel.
    """

    key: str
    name: str
    capacity_w: float
    energy_wh: float
    cost_usd_per_year: float
    lead_time_months: float
    energy_j: float = 0.0


@dataclass(frozen=True, slots=True)
class Hourly:
    """Operation over the year; each series has 8,760 values of mean power [W]."""

    it_w: Series
    facility_w: Series
    supply_w: dict[str, Series]
    pue: Series


@dataclass(frozen=True, slots=True)
class Binding:
    """A constraint that holds the optimum back, with the worth of relaxing it."""

    constraint: str
    worth: float
    unit: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One solved plan. Quantities of an infeasible one are NaN; its reasons say why.

    Attributes
    ----------
    cost_usd_per_year : float
        Annualised capital and operation of servers, network, facility and supply, with
        the carbon price if the scenario sets one [USD/year].
    it_power_peak_w, facility_power_peak_w : float
        Highest hourly mean over the year [W].
    energy_wh_per_year : float
        Electricity into the facility [Wh/year].
    carbon_kg_per_year : float
        Direct emissions of supply plus embodied carbon of servers and buildings, per year
        of their life [kg/year].
    water_m3_per_year : float
        Water consumed on site by cooling and by generation [m3/year].
    months_to_power : float
        Lead time of the slowest part that is built [months].
    chips : float
        Accelerators installed.
    """

    name: str
    feasible: bool
    reasons: tuple[str, ...]
    cost_usd_per_year: float = float("nan")
    it_power_peak_w: float = float("nan")
    facility_power_peak_w: float = float("nan")
    energy_wh_per_year: float = float("nan")
    carbon_kg_per_year: float = float("nan")
    water_m3_per_year: float = float("nan")
    months_to_power: float = float("nan")
    chips: float = float("nan")
    capital_usd: float = float("nan")
    cost_parts: dict[str, float] = field(default_factory=dict)
    carbon_parts: dict[str, float] = field(default_factory=dict)
    chosen: tuple[Chosen, ...] = ()
    cooling: tuple[Built, ...] = ()
    supply: tuple[Built, ...] = ()
    prices: dict[str, dict[str, float]] = field(default_factory=dict)
    binding: tuple[Binding, ...] = ()
    hourly: Hourly | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values; the hourly series are left out (NaN becomes None)."""
        head = {
            key: plain(getattr(self, key))
            for key in (
                "feasible",
                "reasons",
                "cost_usd_per_year",
                "it_power_peak_w",
                "facility_power_peak_w",
                "energy_wh_per_year",
                "carbon_kg_per_year",
                "water_m3_per_year",
                "months_to_power",
                "chips",
                "capital_usd",
                "cost_parts",
                "carbon_parts",
                "prices",
            )
        }
        head["deployments"] = [_chosen_json(item) for item in self.chosen]
        head["cooling"] = [plain(asdict(item)) for item in self.cooling]
        head["supply"] = [plain(asdict(item)) for item in self.supply]
        head["binding"] = [plain(asdict(item)) for item in self.binding]
        return head


@dataclass(frozen=True, slots=True)
class Attributed:
    """One lever's part of the saving of *both* over *baseline* (positive = saved)."""

    lever: str
    title: str
    power_w: float
    cost_usd_per_year: float
    carbon_kg_per_year: float
    energy_wh_per_year: float
    water_m3_per_year: float


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The answer to a scenario, with all that is needed to repeat and question it.

    With a horizon of several years, `plans` and the replaceable share are those of the last
    one, and `years` has all (see `wattpath.plan.years.path.Years`).
    """

    scenario: str
    plans: dict[str, Outcome]
    replaceable_share: dict[str, float]
    attribution: tuple[Attributed, ...]
    split: Split | None
    refusals: tuple[Refusal, ...]
    counts: Counts
    columns: int
    gap: float
    inputs: dict[str, Any]
    seconds: dict[str, float]
    asked: Scenario | None = None
    years: Years | None = None

    @property
    def feasible(self) -> bool:
        """Whether all four plans have an answer."""
        return all(outcome.feasible for outcome in self.plans.values())

    @property
    def rebound(self) -> Rebound:
        """The replaceable share once cheaper tokens are asked for more."""
        return rebound(self.replaceable_share)

    def to_json(self) -> dict[str, Any]:
        """The stable JSON form of `wattpath plan --json`."""
        return {
            "scenario": self.scenario,
            "plans": {name: outcome.to_json() for name, outcome in self.plans.items()},
            "replaceable_share": plain(self.replaceable_share),
            "after_rebound": self.rebound.to_json(),
            "attribution": [plain(asdict(row)) for row in self.attribution],
            "search": {
                "considered": self.counts.considered,
                "refused": [plain(asdict(row)) for row in self.refusals],
                "dominated": self.counts.dominated,
                "counts": asdict(self.counts),
                "columns": self.columns,
            },
            "representative_gap": plain(self.gap),
            "inputs": plain(self.inputs),
            "seconds": plain(self.seconds),
            **({} if self.years is None else {"years": self.years.to_json()}),
        }

    def explain(self, number: str = "both.facility_power_peak_w") -> list[Step]:
        """The chain of factors behind ``PLAN.FIELD``, with units, sources and grades.

        Raises
        ------
        InputError
            If the plan or the field is unknown.
        """
        from wattpath.plan import explain

        return explain.chain(self.asked, self, number)

    def to_frame(self) -> pd.DataFrame:
        """Plans as rows, headline quantities as columns."""
        import pandas as pd

        rows = {name: outcome.to_json() for name, outcome in self.plans.items()}
        table = pd.DataFrame.from_dict(rows, orient="index")
        return table[[column for column in table if table[column].map(np.isscalar).all()]]


def replaceable(plans: dict[str, Outcome]) -> dict[str, float]:
    """1 - both / blue for every headline quantity, and the months saved.

    The part of the best-built data centre that software makes unnecessary. NaN where a
    plan is infeasible or blue needs none of the quantity.
    """
    both, blue = plans["both"], plans["blue"]
    shares = {}
    for key, attribute in SHARES.items():
        whole, rest = getattr(blue, attribute), getattr(both, attribute)
        shares[key] = 1.0 - rest / whole if whole > 0 else float("nan")
    shares["months_to_power"] = (
        1.0 - both.months_to_power / blue.months_to_power
        if blue.months_to_power > 0
        else float("nan")
    )
    return shares


def _chosen_json(item: Chosen) -> dict[str, Any]:
    column = item.deployment
    return {
        "demand": column.demand,
        "server": column.server,
        "levers": list(column.levers),
        "layout": column.label,
        "cooling": item.cooling,
        "electrical": item.electrical,
        "units": item.units,
        "chips": item.units * column.chips,
        "share": item.share,
        "it_energy_wh_per_year": item.energy_wh,
        "loss_nats": column.loss_nats,
        "figures": plain(column.figures),
    }
