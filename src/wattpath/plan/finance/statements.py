"""The money of all plans side by side: statements, lives of write-off, boundaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from wattpath import catalog
from wattpath.economics import boundaries
from wattpath.economics.cashflow import Asset, Statement, Terms, load_terms, statement
from wattpath.errors import InputError
from wattpath.plan.finance.projects import Project, projects_of
from wattpath.plan.plain import plain
from wattpath.plan.result import PlanResult
from wattpath.plan.scenario import Scenario

#: Classes of purchases that are written off like servers.
LIKE_SERVERS = ("servers", "network and storage", "software work")

#: What the statements count and what they leave to others, beside the catalogue's words.
IN = (
    "Purchases: servers, network and storage, software work, halls, land and site works, power "
    "plant with interest during its construction, grid connection beyond what stands.",
    "Operation: maintenance, insurance, staff, property tax, energy, fuel, water, and the "
    "carbon price where the scenario sets one.",
    "Renewal of what wears out within the span, at the same real price.",
    "Tax on profit, with write-off and interest deducted and losses carried forward.",
)
OUT = (
    "Fees, working capital, reserve accounts, hedges, subsidies and tax credits.",
    "Revenue risk: every token of the plan is sold, from the first day.",
    "What stands already: its past price and what is still owed on it.",
    "Research, training of models that the scenario does not name, sales and overhead.",
)


@dataclass(frozen=True, slots=True)
class Financed:
    """The plans of a scenario as lenders and owners see them.

    Attributes
    ----------
    scenario : str
    terms : Terms
    years : tuple of str
        Labels of the years 1 to n.
    price_usd : float or None
        Asked for a million tokens [real USD]; None for each plan's levelised one.
    projects : dict of str to Project
    levelised : dict of str to Statement
        At the price that gives the owners their return.
    asked : dict of str to Statement
        At the price asked, else the levelised ones.
    lives : dict of str to dict of int to (Statement, Statement)
        Years of write-off of the servers -> the levelised statement, and that at the price of
        `asked`.
    reasons : dict of str to str
        Why plans are missing.
    """

    scenario: str
    terms: Terms
    years: tuple[str, ...]
    price_usd: float | None
    projects: dict[str, Project]
    levelised: dict[str, Statement]
    asked: dict[str, Statement]
    lives: dict[str, dict[int, tuple[Statement, Statement]]]
    reasons: dict[str, str]

    @property
    def feasible(self) -> bool:
        """Whether every plan has an answer."""
        return not self.reasons

    def boundaries(self) -> list[tuple[str, str]]:
        """What is counted and what is not: label and words."""
        entry = catalog.load("financing", "project-finance")
        rows = [("terms", entry.text("boundary"))]
        rows += [("in", text) for text in IN]
        rows += [("out", text) for text in OUT]
        return [*rows, *boundaries()]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "scenario": self.scenario,
            "terms": asdict(self.terms),
            "years": list(self.years),
            "price_usd_per_million": self.price_usd,
            "plans": {name: self._plan(name) for name in self.projects},
            "infeasible": self.reasons,
            "boundaries": [list(row) for row in self.boundaries()],
        }

    def _plan(self, name: str) -> dict[str, Any]:
        project, own, level = self.projects[name], self.asked[name], self.levelised[name]
        lives = {
            str(life): {
                "levelised_usd_per_million": either.price_usd,
                "npv_usd": asked.npv_usd,
                "irr": asked.irr,
                "tax_usd": float(asked.tax.sum()),
            }
            for life, (either, asked) in self.lives[name].items()
        }
        flows = ("output", "revenue", "operation", "purchase", "drawn", "interest", "repaid",
                 "write_off", "tax", "residual", "debt", "owners", "project")  # fmt: skip
        found = {
            "levelised_usd_per_million": level.price_usd,
            "levelised_by_demand": {
                demand: level.price_usd * ratio for demand, ratio in project.demands.items()
            },
            "levelised_by_kind": {
                demand: {kind: level.price_usd * ratio for kind, ratio in kinds._asdict().items()}
                for demand, kinds in project.kinds.items()
            },
            "plan_usd_per_million": project.plan_usd_per_million,
            "price_usd_per_million": own.price_usd,
            "npv_usd": own.npv_usd,
            "irr": own.irr,
            "project_irr": own.project_irr,
            "least_debt_cover": own.cover,
            "write_off": lives,
            "capex": project.schedule(),
            "operation": {line: list(usd) for line, usd in project.operation.items()},
            "flows": {flow: getattr(own, flow).tolist() for flow in flows},
            "assets": [asdict(asset) for asset in project.assets],
        }
        return dict(plain(found))


def finance_of(
    scenario: Scenario,
    result: PlanResult,
    terms: Mapping[str, float] | None = None,
    *,
    years: int | None = None,
    price_usd: float | None = None,
    lives: Sequence[int] = (3, 5, 6),
) -> Financed:
    """Finance every plan of a result that has an answer.

    Parameters
    ----------
    scenario : Scenario
    result : PlanResult
        Its answer.
    terms : mapping, optional
        Terms in place of the catalogue's (see `wattpath.economics.cashflow.Terms`).
    years : int, optional
        Of the span of a plan of one year.
    price_usd : float, optional
        Of a million tokens [real USD].
    lives : sequence of int
        Years of write-off of the servers to be set side by side.

    Raises
    ------
    InputError
        For a term out of its range, or a price that is not positive.
    """
    given = checked_terms(terms or {}, price_usd)
    projects = projects_of(scenario, result, given, years)
    levelised = {name: _state(project, given, None) for name, project in projects.items()}
    prices = {name: price_usd or found.price_usd for name, found in levelised.items()}
    asked = {name: _state(project, given, prices[name]) for name, project in projects.items()}
    compared = {
        name: {
            life: (
                _state(_written(project, life), given, None),
                _state(_written(project, life), given, prices[name]),
            )
            for life in lives
        }
        for name, project in projects.items()
    }
    return Financed(
        scenario.name,
        given,
        _labels(result, projects),
        price_usd,
        projects,
        levelised,
        asked,
        compared,
        _reasons(result),
    )


def _reasons(result: PlanResult) -> dict[str, str]:
    """Plans that have no answer, and why."""
    missing = ((name, own) for name, own in result.plans.items() if not own.feasible)
    return {name: " ".join(own.reasons) for name, own in missing}


def _state(project: Project, terms: Terms, price_usd: float | None) -> Statement:
    return statement(project.assets, project.running, project.output, terms, price_usd)


def _written(project: Project, life: int) -> Project:
    """The same project with another life of write-off of its servers."""

    def other(asset: Asset) -> Asset:
        return replace(asset, write_off=life) if asset.group in LIKE_SERVERS else asset

    return replace(project, assets=tuple(other(asset) for asset in project.assets))


def checked_terms(given: Mapping[str, float], price_usd: float | None = None) -> Terms:
    """The catalogue's terms with those that are given in their place.

    Parameters
    ----------
    given : mapping
        Terms (see `wattpath.economics.cashflow.Terms`).
    price_usd : float, optional
        Of a million tokens, which is checked too [real USD].

    Raises
    ------
    InputError
        For a term beyond the catalogue's physical limits, or a price that is not positive.
    """
    if price_usd is not None and not price_usd > 0.0:
        raise InputError("--price", "be a price greater than 0 of a million tokens", price_usd)
    schema = catalog.schema("financing").attributes
    for name, value in given.items():
        row = schema.get(name)
        if row is not None and not row.minimum <= value <= row.maximum:
            constraint = f"lie between {row.minimum:g} and {row.maximum:g}"
            raise InputError(f"--{name.replace('_', '-')}", constraint, value)
    return load_terms(**given)


def _labels(result: PlanResult, projects: Mapping[str, Project]) -> tuple[str, ...]:
    if result.years is not None:
        return result.years.labels
    count = max((len(project.output) for project in projects.values()), default=0)
    return tuple(str(year + 1) for year in range(count))
