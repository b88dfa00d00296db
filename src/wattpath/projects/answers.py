"""What the commands tell of projects, as plain data in the units of the project table."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from wattpath import catalog
from wattpath.catalog import Fact
from wattpath.errors import InputError
from wattpath.projects.audit import Audit, Finding
from wattpath.projects.fed import with_chips
from wattpath.projects.figures import Figure, Modelled, model
from wattpath.projects.project import Project, Stage
from wattpath.projects.reproduce import Comparison, compare
from wattpath.units import DAY_S, HOUR_S, YEAR_S

if TYPE_CHECKING:
    from wattpath.projects.alternatives import Alternative
    from wattpath.projects.replan import Replan
    from wattpath.projects.sites import Place
    from wattpath.projects.spread import Spread

Row = dict[str, Any]

#: Figures that tell how many chips there are where nobody counts them; the first one does.
_TELLING = ("it_power", "facility_peak", "power", "investment", "capital")

#: Modelled figures without a row in the project table -> unit and its size in SI.
_OWN_UNITS = {
    "energy": ("TWh/year", 3.6e15),
    "training_flops": ("EFLOP/s", 1e18),
    "training_tokens": ("T token/day", 1e12 / DAY_S),
    "chips": ("chip", 1.0),
    "capital_per_it_power": ("USD m/MW", 1.0),
    "lease_per_it_power": ("USD m/MW/year", 1.0 / YEAR_S),
    "yearly_cost": ("USD bn/year", 1e9 / YEAR_S),
    "power_per_turbine": ("MW", 1e6),
    "battery_duration": ("h", HOUR_S),
    "chips_that_the_order_buys": ("chip", 1.0),
    "chips_at_most": ("chip", 1.0),
}


def unit_of(name: str) -> tuple[str, float]:
    """Unit of a modelled figure or of an attribute of the project table, and its size in SI."""
    if name in _OWN_UNITS:
        return _OWN_UNITS[name]
    row = catalog.schema("project").attributes[name]
    return row.unit, row.si_factor


#: Fields of an outcome that grow with the project.
EXTENSIVE = (
    "facility_power_peak_w",
    "it_power_peak_w",
    "cost_usd_per_year",
    "capital_usd",
    "energy_wh_per_year",
    "carbon_kg_per_year",
    "water_m3_per_year",
    "chips",
)

#: What the table of all projects compares.
SHOWN = ("it_power", "facility_peak", "power", "capital", "investment")

#: What is modelled beside a figure that has no field of its own.
_BESIDE = {"investment": "capital"}


def overview(projects: Sequence[Project], today: datetime.date) -> list[Row]:
    """One row per project: its newest stage, stated beside modelled, and what is stale."""
    return [_summary(project, today) for project in projects]


def _summary(project: Project, today: datetime.date) -> Row:
    stage = project.newest
    counted, assumed = with_chips(project, stage) if stage else (None, "")
    telling = _telling(stage) if stage and assumed else ""
    row: Row = {
        "key": project.key,
        "name": project.name,
        "form": project.entry.text("form"),
        "country": project.entry.text("country"),
        "date": stage.date if stage else None,
        "status": stage.status if stage else None,
        "chips": _count(counted),
        "assumed_server": assumed,
    }
    modelled = model(project, counted) if counted and counted.chips else None
    for name in SHOWN:
        fact = project.latest(name, stage.status) if stage else None
        figure = getattr(modelled, _BESIDE.get(name, name), None)
        if name == telling or (name, telling) == ("facility_peak", "power"):
            figure = None  # the chips were told from it
        row[name] = {"stated": _stated(fact), "modelled": _modelled(name, figure)}
    row["stale_facts"] = sum(stale(fact, today) for fact in project.facts)
    return row


def money(row: Row) -> Row:
    """Stated beside modelled cost of a row of `overview`; the investment where no cost is told."""
    cost: Row = row["capital"]
    beside: Row = row["investment"]
    return beside if beside["stated"] and not cost["stated"] else cost


def _telling(stage: Stage) -> str:
    """The figure that the number of chips was told from; empty where chips are stated."""
    if "chips" in stage.stated:
        return ""
    return next((name for name in _TELLING if name in stage.stated), "")


def _count(stage: Stage | None) -> float | None:
    counts = [count.value for count in stage.chips.values()] if stage else []
    return sum(counts) if counts else None


def page(project: Project, today: datetime.date) -> Row:
    """Everything about one project: facts, stages, comparisons, remarks, gaps."""
    stage = project.newest
    counted, assumed = with_chips(project, stage) if stage else (None, "")
    modelled = model(project, counted) if counted and counted.chips else None
    words = {word: project.entry.words[word] for word in project.entry.words}
    return {
        "key": project.key,
        "name": project.name,
        **words,
        "facts": [_fact(fact, today) for fact in project.facts],
        "comparisons": [comparison_row(each) for each in compare(project)],
        "assumed_server": assumed,
        "modelled": dict(_all_modelled(modelled)) if modelled else {},
        "missing": list(modelled.missing) if modelled else ["Servers or power are not public."],
    }


def _fact(fact: Fact, today: datetime.date) -> Row:
    quantity = fact.quantity
    source = catalog.sources()[quantity.source]
    return {
        "fact": quantity.attribute,
        "of": fact.of,
        "status": fact.status,
        "date": quantity.date,
        **_numbers(quantity.value, quantity.low, quantity.high, quantity.si_factor),
        "unit": quantity.unit,
        "evidence": quantity.evidence,
        "source": source.address,
        "source_title": source.title,
        "note": quantity.note,
        "stale": stale(fact, today),
    }


def stale(fact: Fact, today: datetime.date) -> bool:
    """Whether a fact about something that still grows is older than the stated age."""
    limit = catalog.load("practice", "campus").si("stale_age")
    year, month, day = (*map(int, fact.quantity.date.split("-")), 12, 28)[:3]
    age = (today - datetime.date(year, month, min(day, 28))).days * DAY_S
    return fact.status != "operating" and age > limit


def comparison_row(comparison: Comparison) -> Row:
    """Stated beside modelled with the signed error."""
    stated, modelled = comparison.stated, comparison.modelled
    return {
        "quantity": comparison.quantity,
        "date": comparison.date,
        "status": comparison.status,
        "stated": _stated(Fact(stated, comparison.status)),
        "modelled": _modelled(comparison.quantity, modelled),
        "error": comparison.error,
        "within": comparison.within,
        "ranges_meet": comparison.overlap,
        "why": explanation(comparison),
    }


def explanation(comparison: Comparison) -> str:
    """What the source's note says where the modelled figure lies outside the stated range."""
    return "" if comparison.within else comparison.stated.note


def audit_row(found: Audit) -> Row:
    """An audit: what agrees, what does not, what follows, what nobody can say."""
    return {
        "name": found.project.name,
        "status": found.claims.status,
        "date": found.claims.date,
        "assumed_server": found.assumed_server,
        "findings": [_finding(each) for each in found.findings],
        "implied": {name: _modelled(name, each) for name, each in found.implied.items()},
        "unknown": list(found.unknown),
    }


def _finding(finding: Finding) -> Row:
    return {
        "figure": finding.stated_name,
        "from": finding.from_name,
        "stated": _stated(Fact(finding.stated, "")),
        "implied": _modelled(finding.stated_name, finding.implied),
        "sense": finding.sense,
        "ratio": finding.ratio,
        "agrees": finding.agrees,
        "how": finding.how,
    }


def _stated(fact: Fact | None) -> Row | None:
    if fact is None:
        return None
    quantity = fact.quantity
    numbers = _numbers(quantity.value, quantity.low, quantity.high, quantity.si_factor)
    return {**numbers, "unit": quantity.unit, "date": quantity.date, "evidence": quantity.evidence}


def _modelled(name: str, figure: Figure | None) -> Row | None:
    if figure is None:
        return None
    unit, factor = unit_of(name)
    return {**_numbers(figure.value, figure.low, figure.high, factor), "unit": unit}


def _numbers(value: float, low: float, high: float, factor: float) -> Row:
    """In a table's unit, without the noise of a conversion to SI and back."""
    named = {"value": value, "low": low, "high": high}
    return {name: float(f"{number / factor:.9g}") for name, number in named.items()}


def _all_modelled(modelled: Modelled) -> Iterator[tuple[str, Row | None]]:
    names = ("chips", "it_power", "facility_peak", "capital", "energy", "water", "emissions")
    for name in (*names, "training_flops", "training_tokens", "h100_equivalents"):
        yield name, _modelled(name, getattr(modelled, name))
    for precision, figure in modelled.flops.items():
        yield f"dense {precision}", _modelled("rate", figure)


def replan_row(
    found: Replan,
    mixes: Sequence[Alternative],
    drawn: Spread | None = None,
    places: Sequence[Place] = (),
) -> Row:
    """The four plans of a project's service, what software replaces, other supplies, places."""
    plans = {}
    for name, outcome in found.result.plans.items():
        plans[name] = {"feasible": outcome.feasible, "reasons": list(outcome.reasons)}
        plans[name] |= {field: found.whole(name, field) for field in EXTENSIVE}
        plans[name]["months_to_power"] = outcome.months_to_power
        plans[name]["servers"] = sorted({c.deployment.server for c in outcome.chosen})
    return {
        "name": found.project.name,
        "date": found.stage.date,
        "server": found.server,
        "server_assumed": found.assumed,
        "untrained": found.untrained,
        "chips": found.chips,
        "factor": found.factor,
        "scenario": dict(found.scenario),
        "plans": plans,
        "replaceable_share": found.result.replaceable_share,
        "attribution": [
            {"lever": a.lever, "title": a.title, "cost_usd_per_year": found.factor
             * a.cost_usd_per_year, "power_w": found.factor * a.power_w}
            for a in found.result.attribution
        ],
        "supplies": [asdict(mix) for mix in mixes],
        "draws": drawn.draws if drawn else 0,
        "ranges": dict(drawn.replaceable) if drawn else {},
        "places": [asdict(place) for place in places],
    }  # fmt: skip


def changes(before: Sequence[Row], after: Sequence[Row]) -> list[Row]:
    """What differs between two answers of `overview`, figure by figure.

    Raises
    ------
    InputError
        If the earlier answer is none of `overview`.
    """
    try:
        old = {row["key"]: dict(_flat(row)) for row in before}
    except (TypeError, KeyError, AttributeError) as error:
        hint = "`wattpath projects --json` writes one."
        raise InputError("--against", "be an earlier answer of this command", None, hint) from error
    found = []
    for row in after:
        now, then = dict(_flat(row)), old.pop(row["key"], None)
        if then is None:
            found.append({"key": row["key"], "figure": "all", "before": None, "after": "new"})
            continue
        found += [
            {"key": row["key"], "figure": name, "before": then.get(name), "after": now.get(name)}
            for name in {**then, **now}
            if then.get(name) != now.get(name)
        ]
    gone = [{"key": key, "figure": "all", "before": "there", "after": None} for key in old]
    return found + gone


def _flat(row: Mapping[str, Any], head: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if name == "stale_facts":
            continue  # moves with the day, not with an edit
        if isinstance(value, Mapping):
            yield from _flat(value, f"{head}{name}.")
        else:
            yield head + name, value
