"""What a plan over several years answers: what is bought when, and each year's outcome."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from wattpath.plan.plain import plain
from wattpath.plan.result import SHARES, Outcome, replaceable

#: Joules in a MWh.
MWH_J = 3.6e9


@dataclass(frozen=True, slots=True)
class Stock:
    """An asset in a year, in servers, W or J.

    Attributes
    ----------
    kind, key, name, unit : str
        ``server``, ``hall``, ``supply`` or ``storage``; catalogue key, name, unit of amounts.
    bought, in_service, unused : float
        New in this year, at work, and standing without use.
    units : dict of str to float
        Whole units bought, by their name; empty where any size can be had.
    capital_usd : float
        Paid for what is bought [USD].
    unused_usd_per_year : float
        Yearly capital of what stands unused [USD/year].
    stranded_usd : float
        Capital still to be paid on what stands unused, the oldest counted first [USD].
    """

    kind: str
    key: str
    name: str
    unit: str
    bought: float
    in_service: float
    unused: float
    units: dict[str, float]
    capital_usd: float
    unused_usd_per_year: float
    stranded_usd: float


@dataclass(frozen=True, slots=True)
class Clean:
    """How clean the supply of a year is, over all its hours.

    Attributes
    ----------
    hourly_share : float
        Energy of the facility that is met hour by hour without fossil power, the grid's mix
        counted [-].
    matched_share : float
        Carbon-free production of the year, the grid's mix left out, over the energy [-].
    average_kg_j, marginal_kg_j : float
        Direct carbon of the energy with the grid's average and marginal carbon [kg/J].
    """

    hourly_share: float
    matched_share: float
    average_kg_j: float
    marginal_kg_j: float

    def to_json(self) -> dict[str, float]:
        """Shares, and carbon per MWh."""
        return {
            "carbon_free_share": self.hourly_share,
            "matched_share": self.matched_share,
            "average_kg_per_mwh": self.average_kg_j * MWH_J,
            "marginal_kg_per_mwh": self.marginal_kg_j * MWH_J,
        }


@dataclass(frozen=True, slots=True)
class PlanYear:
    """One year of a plan.

    Attributes
    ----------
    label : str
        Calendar year, or its number.
    months : float
        From now until it begins [months].
    weight : float
        Of its money in the net present value [-].
    multiples : dict
        Demand -> its size over that of the first year [-].
    outcome : Outcome
        Over all 8,760 hours.
    representative_usd_per_year : float
        Its cost on the representative days, as they first kept what is asked [USD/year].
    exact : bool
        Whether all hours were optimised, or run by rule.
    stock : tuple of Stock
        What is bought, at work and unused.
    clean : Clean
        Shares of clean energy that are kept, and carbon per energy.
    """

    label: str
    months: float
    weight: float
    multiples: dict[str, float]
    outcome: Outcome
    representative_usd_per_year: float
    exact: bool
    stock: tuple[Stock, ...]
    clean: Clean

    @property
    def gap(self) -> float:
        """Cost of all hours over that of the representative days, less one."""
        return self.outcome.cost_usd_per_year / self.representative_usd_per_year - 1.0

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "year": self.label,
            "months": self.months,
            "weight": self.weight,
            "demand": plain(self.multiples),
            "exact": self.exact,
            "representative_gap": plain(self.gap),
            "clean": plain(self.clean.to_json()),
            "stock": [plain(asdict(item)) for item in self.stock],
            **self.outcome.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Path:
    """A plan through its years.

    Attributes
    ----------
    name : str
    reasons : tuple of str
        Why there is none; empty if there is.
    years : tuple of PlanYear
    bound_npv_usd : float
        What no plan with these freedoms can undercut on the representative days [USD].
    found_npv_usd : float
        What the programme found on the representative days [USD].
    """

    name: str
    reasons: tuple[str, ...]
    years: tuple[PlanYear, ...]
    bound_npv_usd: float
    found_npv_usd: float

    @property
    def feasible(self) -> bool:
        """Whether every year is served."""
        return not self.reasons

    @property
    def npv_usd(self) -> float:
        """Net present value of all costs at the beginning of the first year [USD]."""
        return self._sum("cost_usd_per_year", weighted=True)

    @property
    def gap(self) -> float:
        """Net present value of all hours over that of the representative days, less one."""
        return self.npv_usd / self.found_npv_usd - 1.0 if self.feasible else float("nan")

    @property
    def bound_gap(self) -> float:
        """How far the programme's answer may be from the optimum at most [-]."""
        return self.found_npv_usd / self.bound_npv_usd - 1.0 if self.feasible else float("nan")

    @property
    def peak_w(self) -> float:
        """Highest facility power of any year [W]; NaN if there is no plan."""
        powers = [year.outcome.facility_power_peak_w for year in self.years]
        return max(powers) if self.feasible else float("nan")

    def total(self, field: str) -> float:
        """Sum of a yearly quantity over all years; NaN if there is no plan."""
        return self._sum(field)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "feasible": self.feasible,
            "reasons": list(self.reasons),
            "npv_usd": plain(self.npv_usd),
            "capital_usd": plain(self._capital()),
            "energy_wh": plain(self.total("energy_wh_per_year")),
            "carbon_kg": plain(self.total("carbon_kg_per_year")),
            "water_m3": plain(self.total("water_m3_per_year")),
            "representative_gap": plain(self.gap),
            "optimality_gap": plain(self.bound_gap),
            "years": [year.to_json() for year in self.years],
        }

    def _sum(self, field: str, *, weighted: bool = False) -> float:
        if not self.feasible:
            return float("nan")
        values = [getattr(year.outcome, field) for year in self.years]
        weights = [year.weight if weighted else 1.0 for year in self.years]
        return float(np.dot(values, weights))

    def _capital(self) -> float:
        """Paid for all that is bought [USD]."""
        if not self.feasible:
            return float("nan")
        return sum(item.capital_usd for year in self.years for item in year.stock)


@dataclass(frozen=True, slots=True)
class Share:
    """One lever's part of the saving of *both* over *baseline* in all years (positive = saved).

    Attributes
    ----------
    lever, title : str
    power_w : float
        Of the highest facility power of any year [W].
    npv_usd : float
        Of the net present value of all costs [USD].
    carbon_kg, energy_wh, water_m3 : float
        Of the sums over the years [kg, Wh, m3].
    """

    lever: str
    title: str
    power_w: float
    npv_usd: float
    carbon_kg: float
    energy_wh: float
    water_m3: float


@dataclass(frozen=True, slots=True)
class Years:
    """Four plans through the years.

    Attributes
    ----------
    paths : dict of str to Path
    labels : tuple of str
        Of the years.
    attribution : tuple of Share
        The saving over all years, split; empty if that was not asked.
    """

    paths: dict[str, Path]
    labels: tuple[str, ...]
    attribution: tuple[Share, ...] = ()

    @property
    def gap(self) -> float:
        """Largest distance of a plan's full hours from its representative days."""
        return max((abs(p.gap) for p in self.paths.values() if p.feasible), default=float("nan"))

    def last(self) -> dict[str, Outcome]:
        """Each plan in the last year, with the months until work of the first one can run."""
        return {
            name: replace(
                path.years[-1].outcome,
                months_to_power=path.years[0].outcome.months_to_power,
            )
            if path.feasible
            else Outcome(name, False, path.reasons)
            for name, path in self.paths.items()
        }

    def by_year(self) -> list[dict[str, float]]:
        """The replaceable share in each year."""
        if not (self.paths["blue"].feasible and self.paths["both"].feasible):
            return []
        return [
            replaceable({name: self.paths[name].years[y].outcome for name in ("blue", "both")})
            for y in range(len(self.labels))
        ]

    def replaceable(self) -> dict[str, float]:
        """Over all years: power in the last one, cost as net present value, sums of the rest."""
        blue, both = self.paths["blue"], self.paths["both"]
        shares = replaceable(self.last())
        if not (blue.feasible and both.feasible):
            return shares
        shares["cost"] = 1.0 - both.npv_usd / blue.npv_usd
        for key in ("energy", "carbon", "water"):
            whole = blue.total(SHARES[key])
            rest = both.total(SHARES[key])
            shares[key] = 1.0 - rest / whole if whole > 0.0 else float("nan")
        return shares

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "labels": list(self.labels),
            "replaceable_share": plain(self.replaceable()),
            "replaceable_share_by_year": [plain(row) for row in self.by_year()],
            "attribution": [plain(asdict(row)) for row in self.attribution],
            "plans": {name: path.to_json() for name, path in self.paths.items()},
        }
