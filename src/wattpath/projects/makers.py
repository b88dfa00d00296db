"""Who makes the machines, and whose chips stand in a machine that nobody describes."""

from __future__ import annotations

from wattpath import catalog
from wattpath.catalog import Entry
from wattpath.projects.told import table


def makers() -> str:
    """Makers of servers with their machines, and chips that no public machine holds."""
    servers = catalog.entries("server")
    rows = []
    for maker in sorted({entry.text("maker") for entry in servers}):
        own = [entry for entry in servers if entry.text("maker") == maker]
        told = "; ".join(f"{entry.name} ({_grade(entry, 'peak_w')})" for entry in own)
        rows.append((maker, str(len(own)), told))
    text = "## Makers and their machines\n\nIn brackets the grade of the rated power.\n\n"
    text += table(("maker", "machines", "which"), rows)
    held = {entry.text("chip") for entry in servers}
    bare = [entry for entry in catalog.entries("chip") if entry.key not in held and _own(entry)]
    cells = [
        (entry.text("vendor"), entry.name, entry.text("status"), _grade(entry, "tdp_w"))
        for entry in sorted(bare, key=lambda entry: (entry.text("vendor"), entry.key))
    ]
    text += "\nOnly their owners use these chips, or nobody can buy them yet; no machine with them "
    text += "is public well enough to be planned with, so the catalogue has the chip alone.\n\n"
    return text + table(("owner", "chip", "status", "grade of its power"), cells)


def _own(chip: Entry) -> bool:
    """Whether a chip is for its owner's use only, or not yet for anybody's."""
    return chip.text("status") in ("internal", "announced", "roadmap")


def _grade(entry: Entry, attribute: str) -> str:
    return entry.quantity(attribute).evidence if attribute in entry.quantities else "not public"
