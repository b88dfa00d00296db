"""Kept replans as Markdown: shares with ranges, four plans, supplies, places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wattpath.projects.project import Project

Row = dict[str, Any]

#: A project whose replan is not in the file.
NOT_KEPT: Row = {"refused": "`wattpath replan NAME` solves it; no answer is kept here."}

#: One megawatt-hour [J].
MWH_J = 3.6e9

#: Field of a plan -> title, size of its unit.
PLANS: Mapping[str, tuple[str, float]] = {
    "facility_power_peak_w": ("facility peak [MW]", 1e6),
    "cost_usd_per_year": ("cost [USD bn/year]", 1e9),
    "capital_usd": ("capital [USD bn]", 1e9),
    "energy_wh_per_year": ("energy [TWh/year]", 1e12),
    "carbon_kg_per_year": ("carbon [kt/year]", 1e6),
    "water_m3_per_year": ("water [thousand m3/year]", 1e3),
    "chips": ("chips", 1.0),
}


def overview(found: Sequence[Project], kept: Mapping[str, Row]) -> str:
    """What software replaces of every project, and whom nobody can replan."""
    rows, refused = [], []
    for project in found:
        row = kept.get(project.key, NOT_KEPT)
        if "refused" in row:
            refused.append(f"- {project.name}: {row['refused']}")
        elif "ranges" in row:
            rows.append(_line(project, row))
        else:
            reasons = " ".join(row["plans"]["both"]["reasons"]) or "A plan is infeasible."
            refused.append(f"- {project.name}: {reasons}")
    head = ("project", "as of", "counted as", "baseline [MW]", "both [MW]", "of power", "of cost")
    text = table(head, rows) + "\n" + _alike(found, kept)
    return text + ("\nNot replanned:\n\n" + "\n".join(refused) + "\n" if refused else "")


def _alike(found: Sequence[Project], kept: Mapping[str, Row]) -> str:
    """Why shares are alike where they are, from the rows themselves."""
    shares: dict[str, list[float]] = {}
    for project in found:
        row = kept.get(project.key, NOT_KEPT)
        if "ranges" in row:
            shares.setdefault(row["server"], []).append(row["replaceable"]["power"])
    spans = [
        f"{server} {_between(own)} ({len(own)} project{'s' if len(own) > 1 else ''})"
        for server, own in sorted(shares.items())
    ]
    text = "Both plans may buy the same recent servers and choose among the same software, and "
    text += "what software saves on a server is the same everywhere: place and supply move both "
    text += "plans alike. So the share follows from what may be bought, and differs with the chips "
    text += "that are there only where these stay in a plan. Share of power by server: "
    return f"{text}{'; '.join(spans)}.\n"


def _between(shares: Sequence[float]) -> str:
    low, high = f"{min(shares):.0%}", f"{max(shares):.0%}"
    return low if low == high else f"{low} to {high}"


def _line(project: Project, row: Row) -> tuple[str, ...]:
    plans = row["plans"]
    return (
        f"[{project.name}](projects/{project.key}.md)",
        row["date"],
        row["server"] + (" (assumed)" if row["assumed"] else ""),
        _number(plans["baseline"]["facility_power_peak_w"], 1e6),
        _number(plans["both"]["facility_power_peak_w"], 1e6),
        _share(row, "power"),
        _share(row, "cost"),
    )


def _share(row: Row, key: str) -> str:
    low, middle, high = row["ranges"][key]
    if None in (low, middle, high):
        return f"{row['replaceable'][key]:.0%}"
    return f"{row['replaceable'][key]:.0%} ({low:.0%}, {middle:.0%}, {high:.0%})"


def section(row: Row) -> str:
    """The replan of one project."""
    if "refused" in row:
        return f"\n## Replan\n\n{row['refused']}\n"
    text = "\n## Replan\n\n" + _sentence(row) + "\n\n" + _plans(row["plans"])
    if "supplies" in row:
        text += "\n### Other supplies for the load of both\n\n" + _supplies(row["supplies"])
        text += "\n### The same service elsewhere\n\n" + _places(row["places"])
    return text


def _sentence(row: Row) -> str:
    assumed = ", assumed," if row["assumed"] else ""
    text = f"The service of its chips, counted as {row['server']}{assumed} "
    text += "under good practice, at the same place and date."
    if row.get("untrained"):
        text += f" They serve only: the training of the mix is left out, since {row['untrained']}"
    if "ranges" not in row:
        return text
    text += f" Software replaces {row['replaceable']['power']:.0%} of the power and "
    text += f"{row['replaceable']['cost']:.0%} of the cost of the best-built data centre"
    spans = (
        f"P10, P50, P90 of {key}: " + ", ".join("–" if x is None else f"{x:.0%}" for x in span)
        for key, span in row["ranges"].items()
    )
    return f"{text} ({'; '.join(spans)}; {row['draws']} draws)."


def _plans(plans: Mapping[str, Row]) -> str:
    rows = [
        (title, *(_number(plan[field], size) for plan in plans.values()))
        for field, (title, size) in PLANS.items()
    ]
    reasons = [f"- {name}: {' '.join(p['reasons'])}" for name, p in plans.items() if p["reasons"]]
    text = table(("", *plans), rows)
    return text + ("\n" + "\n".join(reasons) + "\n" if reasons else "")


def _supplies(rows: Sequence[Row]) -> str:
    head = ("mix", "USD/MWh", "kg/MWh", "L/MWh", "months to power", "built [MW]")
    return table(head, [_supply(row) for row in rows])


def _supply(row: Row) -> tuple[str, ...]:
    if row["reason"]:
        return row["name"], "–", "–", "–", "–", row["reason"]
    built = ", ".join(f"{key} {_number(w, 1e6)}" for key, w in row["built_w"].items())
    return (
        row["name"],
        _number(row["usd_j"], 1.0 / MWH_J),
        _number(row["carbon_kg_j"], 1.0 / MWH_J),
        _number(row["water_m3_j"], 1e-3 / MWH_J),
        _number(row["months"], 1.0),
        built,
    )


def _places(rows: Sequence[Row]) -> str:
    head = ("place", "USD bn/year", "carbon [kt/year]", "water [thousand m3/year]", "months",
            "supply")  # fmt: skip
    return table(head, [_place(row) for row in rows])


def _place(row: Row) -> tuple[str, ...]:
    name = f"**{row['name']}**" if row["own"] else row["name"]
    if row["reason"]:
        return name, "–", "–", "–", "–", row["reason"]
    return (
        name,
        _number(row["cost_usd"], 1e9),
        _number(row["carbon_kg"], 1e6),
        _number(row["water_m3"], 1e3),
        _number(row["months"], 1.0),
        ", ".join(row["supplies"]),
    )


def _number(value: float | None, size: float) -> str:
    if value is None:
        return "–"
    shown = value / size
    return f"{shown:,.0f}" if abs(shown) >= 1000.0 or shown == 0.0 else f"{shown:.3g}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
