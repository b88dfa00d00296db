"""The tables of the report page."""

from __future__ import annotations

import html
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from wattpath import catalog
from wattpath.catalog.entry import EVIDENCE, Entry
from wattpath.report.words import HEADLINES, amount, amounts

if TYPE_CHECKING:
    from wattpath.plan.result import Built, Outcome, PlanResult
    from wattpath.plan.years.path import Path, Years

#: Refusals shown; the commonest first.
REFUSALS = 25


class Html(str):
    """Text of a cell that is HTML already."""

    __slots__ = ()


def table(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()
) -> str:
    """An HTML table; `numbers` are the columns that are set to the right."""
    right = set(numbers)

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{_class(heads[i], i in right)}>{_text(cell)}</{tag}>"
            for i, cell in enumerate(row)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    head = f"<tr>{cells('th', heads)}</tr>"
    return (
        f"<div class='wide'><table id='{name}'><thead>{head}</thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _text(cell: str) -> str:
    return cell if isinstance(cell, Html) else html.escape(cell)


def _class(head: str, number: bool) -> str:
    names = [head] if head in ("baseline", "blue", "red", "both") else []
    names += ["number"] if number else []
    return f" class='{' '.join(names)}'" if names else ""


def comparison(result: PlanResult) -> str:
    """Headline quantities of the four plans, and the part that software replaces."""
    rows = []
    for headline in HEADLINES:
        values = [amount(headline.of(outcome), headline.unit) for outcome in result.plans.values()]
        share = result.replaceable_share.get(headline.share, math.nan)
        rows.append([headline.title, *values, f"{share:.0%}" if math.isfinite(share) else ""])
    return table("plans", ["", *result.plans, "replaceable"], rows, range(1, 6))


def years(paths: Years) -> str:
    """A row for each year of each plan: demand, power, money and its gap."""
    rows = []
    for name, path in paths.paths.items():
        for year in path.years:
            outcome = year.outcome
            demand = max(year.multiples.values())
            unused = sum(item.unused_usd_per_year for item in year.stock)
            rows.append(
                [
                    name,
                    year.label,
                    f"{demand:.3g}x",
                    amount(outcome.facility_power_peak_w, "W"),
                    amount(outcome.cost_usd_per_year, "USD"),
                    amount(sum(item.capital_usd for item in year.stock), "USD"),
                    amount(unused, "USD"),
                    amount(outcome.carbon_kg_per_year, "kg"),
                    f"{year.gap:+.2%}",
                ]
            )
    heads = ["plan", "year", "largest demand", "facility peak", "cost a year", "bought",
             "capital unused", "carbon a year", "all hours over days"]  # fmt: skip
    return table("years", heads, rows, range(2, 9))


def shares_by_year(paths: Years) -> str:
    """The replaceable share in each year."""
    keys = ("power", "cost", "energy", "carbon", "water")
    rows = [
        [label, *(f"{row[key]:.0%}" if math.isfinite(row[key]) else "–" for key in keys)]
        for label, row in zip(paths.labels, paths.by_year(), strict=True)
    ]
    return table("shares", ["year", *keys], rows, range(1, 6))


def bought(path: Path) -> str:
    """What a plan buys, uses and leaves unused in each year."""
    rows = []
    for year in path.years:
        for item in year.stock:
            unit = {"J": "Wh", "W": "W"}.get(item.unit, "")
            each = 3600.0 if item.unit == "J" else 1.0
            values = [item.bought, item.in_service, item.unused]
            units = ", ".join(f"{count:.0f} x {name}" for name, count in item.units.items())
            cells = amounts([value / each for value in values], unit)
            rows.append([year.label, item.name, *cells, units, amount(item.stranded_usd, "USD")])
    heads = ["year", "what", "bought", "at work", "unused", "whole units", "stranded capital"]
    return table(f"bought-{path.name}", heads, rows, (2, 3, 4, 6))


def attribution(result: PlanResult) -> str:
    """The split of the saving, the largest in cost first."""
    rows = sorted(result.attribution, key=lambda row: -row.cost_usd_per_year)
    columns = (
        amounts([row.power_w for row in rows], "W"),
        amounts([row.cost_usd_per_year for row in rows], "USD"),
        amounts([row.carbon_kg_per_year for row in rows], "kg"),
        amounts([row.energy_wh_per_year for row in rows], "Wh"),
    )
    heads = ["saved by", "facility peak", "cost a year", "carbon a year", "energy a year"]
    lines = [[row.title, *cells] for row, *cells in zip(rows, *columns, strict=True)]
    return table("split", heads, lines, range(1, 5))


def attribution_of_years(years: Years) -> str:
    """The split of the saving of all years, the largest in present value first."""
    rows = sorted(years.attribution, key=lambda row: -row.npv_usd)
    columns = (
        amounts([row.power_w for row in rows], "W"),
        amounts([row.npv_usd for row in rows], "USD"),
        amounts([row.carbon_kg for row in rows], "kg"),
        amounts([row.energy_wh for row in rows], "Wh"),
        amounts([row.water_m3 for row in rows], "m3"),
    )
    heads = ["saved by", "highest peak", "present value", "carbon", "energy", "water"]
    lines = [[row.title, *cells] for row, *cells in zip(rows, *columns, strict=True)]
    return table("split-years", heads, lines, range(1, 6))


def deployments(outcome: Outcome) -> str:
    """The servers of a plan, and how each demand runs on them."""
    rows = [
        [
            item.deployment.demand,
            catalog.load("server", item.deployment.server).name,
            amount(item.units * item.deployment.chips, ""),
            f"{item.share:.0%}",
            item.deployment.label,
            ", ".join(item.deployment.levers),
            f"{item.cooling} on {item.electrical}",
        ]
        for item in outcome.chosen
    ]
    heads = ["demand", "server", "chips", "share", "layout", "software", "hall"]
    return table(f"deployments-{outcome.name}", heads, rows, (2, 3))


def built(outcome: Outcome) -> str:
    """Halls and supply of a plan."""
    rows = [*outcome.cooling, *outcome.supply]
    columns = (
        [_capacity(row) for row in rows],
        amounts([row.energy_wh for row in rows], "Wh"),
        amounts([row.cost_usd_per_year for row in rows], "USD"),
        [amount(row.lead_time_months, "month") for row in rows],
    )
    lines = [[row.name, *cells] for row, *cells in zip(rows, *columns, strict=True)]
    heads = ["halls and supply", "capacity", "energy a year", "cost a year", "months"]
    return table(f"built-{outcome.name}", heads, lines, range(1, 5))


def _capacity(row: Built) -> str:
    power = amount(row.capacity_w, "W")
    return f"{power}, {amount(row.energy_j / 3600.0, 'Wh')}" if row.energy_j > 0.0 else power


def prices(outcome: Outcome) -> str:
    """What a million tokens of each demand costs, everything of the plan included."""
    rows = [
        [
            name,
            _price(price, "usd_per_million_tokens"),
            _price(price, "usd_per_million_output_tokens"),
        ]
        for name, price in outcome.prices.items()
    ]
    heads = ["demand", "a million tokens", "a million output tokens"]
    return table("prices", heads, rows, (1, 2)) if rows else ""


def _price(price: dict[str, float], key: str) -> str:
    return f"${price[key]:,.3g}" if key in price else ""


def levers_used(outcome: Outcome) -> str:
    """The levers of a plan with loss and evidence."""
    keys = dict.fromkeys(key for item in outcome.chosen for key in item.deployment.levers)
    rows = []
    for key in keys:
        entry = catalog.load("lever", key)
        loss = entry.quantities.get("loss_nats")
        rows.append(
            [
                entry.name,
                entry.text("stage"),
                "0" if loss is None else f"{loss.value:.3g} ({loss.low:.3g} to {loss.high:.3g})",
                "" if loss is None else loss.evidence,
                "" if loss is None else catalog.sources()[loss.source].title,
            ]
        )
    heads = ["lever", "stage", "loss [nats per token]", "grade", "source"]
    return table("levers", heads, rows, (2,)) if rows else ""


def refusals(result: PlanResult) -> str:
    """Why candidates fell out, the commonest first."""
    counts, margins = dict[tuple[str, str], int](), dict[tuple[str, str], str]()
    for row in result.refusals:
        key = row.demand, row.reason
        counts[key] = counts.get(key, 0) + row.count
        margins[key] = margins.get(key) or row.margin
    rows = sorted(counts.items(), key=lambda item: -item[1])[:REFUSALS]
    heads = ["demand", "refused for", "times", "nearest"]
    lines = [[*key, f"{count:,}", margins[key]] for key, count in rows]
    return table("refusals", heads, lines, (2,))


def entries_used(solved: dict[str, Outcome]) -> list[Entry]:
    """Catalogue entries behind the choices of all plans."""
    found: dict[tuple[str, str], Entry] = {}
    for outcome in solved.values():
        keys = []
        for item in outcome.chosen:
            keys += [("server", item.deployment.server), ("chip", item.deployment.chip)]
            keys += [("cooling", item.cooling), ("electrical", item.electrical)]
            keys += [("lever", lever) for lever in item.deployment.levers]
        keys += [("supply", row.key) for row in outcome.supply]
        for kind, key in keys:
            found.setdefault((kind, key), catalog.load(kind, key))
    order = {kind: place for place, kind in enumerate(catalog.kinds())}
    return sorted(found.values(), key=lambda entry: (order[entry.kind], entry.key))


def evidence(entries: Sequence[Entry]) -> str:
    """How many numbers of each entry have which grade."""
    rows = []
    for entry in entries:
        grades = Counter(quantity.evidence for quantity in entry.quantities.values())
        counts = [str(grades[grade]) if grades[grade] else "" for grade in EVIDENCE]
        rows.append([entry.kind, entry.name, *counts])
    return table("evidence", ["kind", "entry", *EVIDENCE], rows, range(2, 6))


def sources(entries: Sequence[Entry]) -> str:
    """The works that the entries cite."""
    cited = {q.source for entry in entries for q in entry.quantities.values()}
    rows = []
    for key in sorted(cited):
        source = catalog.sources()[key]
        rows.append([source.title, source.publisher, source.date, source.address])
    return table("sources", ["title", "publisher", "date", "address"], rows)


def inputs(result: PlanResult) -> str:
    """What makes the answer repeatable."""
    rows = [[key.replace("_", " "), str(value)] for key, value in result.inputs.items()]
    rows.append(["representative gap", f"{result.gap:.2%}"])
    total = sum(result.seconds.values())
    rows.append(["time", ", ".join(f"{k} {v:.1f} s" for k, v in result.seconds.items())])
    rows.append(["time in all", f"{total:.1f} s"])
    return table("inputs", ["input", "value"], rows)
