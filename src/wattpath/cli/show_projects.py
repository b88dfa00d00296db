"""Projects, one project, changes and audits on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wattpath.cli.sheet import console_of_width, table
from wattpath.projects.answers import money
from wattpath.projects.project import spoken
from wattpath.report.words import ranged, short

Row = dict[str, Any]

#: Columns of the table of all projects.
COLUMNS = ("project", "as of", "IT MW", "facility MW", "USD bn")


def overview(rows: Sequence[Row]) -> None:
    """All projects: stated and modelled power and cost of the newest stage."""
    console = console_of_width()
    console.print("\n[bold]Announced projects: stated / modelled[/bold]")
    for title, chosen in (
        ("Computing", [row for row in rows if row["status"] == "operating"]),
        ("Announced", [row for row in rows if row["status"] not in ("operating", None)]),
    ):
        console.print(f"\n[bold]{title}[/bold]")
        cells = [_row(row) for row in chosen if _told(row)]
        console.print(table(cells, *COLUMNS))
    other = ", ".join(row["key"] for row in rows if row["status"] and not _told(row))
    if other:
        console.print(f"\nWith neither power nor cost: {other}.", markup=False)
    silent = ", ".join(row["key"] for row in rows if row["status"] is None)
    aged = sum(row["stale_facts"] for row in rows)
    console.print(f"\nWithout any public figure: {silent or 'none'}.", markup=False)
    console.print("* Power of the computing or of the facility: the source does not say which.")
    console.print(
        f"{len(rows)} projects; {aged} facts about what is not yet running are too old to be "
        "relied on. `wattpath projects NAME` shows one."
    )


def _told(row: Row) -> bool:
    """Whether any of the columns has a number."""
    return any(cell.strip("– /") for cell in _row(row)[2:])


def _row(row: Row) -> tuple[str, ...]:
    facility, unsaid = _pair(row["facility_peak"]), row["power"]["stated"]
    if unsaid and not row["facility_peak"]["stated"]:
        facility = f"{short(unsaid['value'])}* {facility.removeprefix('– ')}"
    return (
        row["key"],
        row["date"] or "",
        _pair(row["it_power"]),
        facility,
        _pair(money(row)),
    )


def page(row: Row) -> None:
    """One project: what is stated, what the model makes of it, what is not public."""
    console = console_of_width()
    console.print(f"\n[bold]{row['name']}[/bold]  {row['owner']}, {row['country']}\n")
    for remark in row.get("remarks", ()):
        console.print(f"  {remark}", markup=False)
    facts = [
        (
            spoken(fact["fact"]),
            ranged(fact),
            fact["of"],
            fact["status"],
            fact["date"] + (" (old)" if fact["stale"] else ""),
            fact["evidence"],
        )
        for fact in row["facts"]
    ]
    if facts:
        console.print()
        console.print(table(facts, "fact", "stated", "", "status", "date", "evidence"))
    compared(console, row["comparisons"])
    if row["modelled"]:
        assumed = f", servers taken as {row['assumed_server']}" if row["assumed_server"] else ""
        console.print(f"\n[bold]The newest stage from its servers up[/bold]{assumed}")
        known = [(spoken(n), ranged(v)) for n, v in row["modelled"].items() if v]
        console.print(table(known, "figure", "modelled"))
    for gap in row["missing"]:
        console.print(f"\n{gap}", markup=False)


def compared(console: Any, rows: Sequence[Row]) -> None:
    """Stated against modelled."""
    if not rows:
        return
    console.print("\n[bold]Stated against modelled[/bold]")
    cells = [
        (
            spoken(row["quantity"]),
            row["date"],
            row["status"],
            ranged(row["stated"]),
            ranged(row["modelled"]),
            f"{row['error']:+.1%}",
        )
        for row in rows
    ]
    console.print(table(cells, "figure", "of", "status", "stated", "modelled", "error"))
    for row in rows:
        if row["why"]:
            told = f"{spoken(row['quantity'])} ({row['date']}): {row['why']}."
            console.print(f"  Outside what is stated: {told}", markup=False)


def changes(rows: Sequence[Row]) -> None:
    """What an edit of the catalogue changed."""
    console = console_of_width()
    if not rows:
        console.print("Nothing changed.")
        return
    cells = [
        (row["key"], row["figure"], _plain(row["before"]), _plain(row["after"])) for row in rows
    ]
    console.print(table(cells, "project", "figure", "before", "after"))


def audits(found: Sequence[Row]) -> None:
    """Each status by itself: contradictions first, then what agrees and what follows."""
    console = console_of_width()
    wrong = sum(not finding["agrees"] for row in found for finding in row["findings"])
    checked = sum(len(row["findings"]) for row in found)
    verb = "contradicts" if wrong == 1 else "contradict"
    name = found[0]["name"] if found else "Nothing stated"
    console.print(f"\n[bold]{name}[/bold]: {checked} relations checked, {wrong} {verb}\n")
    for row in found:
        _audit(console, row)


def _audit(console: Any, row: Row) -> None:
    console.print(f"[bold]{row['status']}[/bold] ({row['date']})", highlight=False)
    ranked = sorted(row["findings"], key=lambda finding: finding["agrees"])
    cells = [
        (
            "agrees" if finding["agrees"] else "CONTRADICTS",
            f"{spoken(finding['figure'])} {ranged(finding['stated'])}",
            f"{_sense(finding)}{ranged(finding['implied'])}",
            f"from {spoken(finding['from'])}: {finding['how']}",
        )
        for finding in ranked
    ]
    if cells:
        console.print(table(cells, "", "", "", ""))
    if row["assumed_server"]:
        console.print(f"  Servers taken as {row['assumed_server']}.", markup=False)
    implied = [f"{spoken(name)} {ranged(v)}" for name, v in row["implied"].items()]
    if implied:
        console.print(f"  Implied: {'; '.join(implied)}", markup=False)
    for sentence in row["unknown"]:
        console.print(f"  {sentence}", markup=False)
    console.print()


def _sense(finding: Row) -> str:
    return "" if finding["sense"] == "equal" else f"{finding['sense']} "


def _pair(cell: Row) -> str:
    stated, modelled = (cell[side]["value"] if cell[side] else None for side in cell)
    return f"{short(stated)} / {short(modelled)}"


def _plain(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
