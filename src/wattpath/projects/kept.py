"""Replans of all projects, kept in one file so that pages can be written without solving anew.

Run ``python -m wattpath.projects.kept docs/projects/replans.json`` after a change that moves
answers. Deployments are searched once for each server and draw (`wattpath.projects.bank`), some
minutes of one processor; every project then takes some 15 s more. What was kept with the same
catalogue and the same kernels is not solved again, so that a run that was interrupted goes on.
Names after the file solve only these and keep the others; ``--anew`` solves what is kept too. The
file is written after every project, whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import wattpath
from wattpath import catalog, kernelcache
from wattpath.errors import FileInputError, InputError
from wattpath.plan.columns.search import Group
from wattpath.plan.front import load_scenario
from wattpath.progress import Progress, silent
from wattpath.projects.alternatives import Alternative, alternatives
from wattpath.projects.bank import Bank
from wattpath.projects.project import Project, load, projects
from wattpath.projects.replan import Replan, Slice, head_of, refusal, replan, server_of, slice_of
from wattpath.projects.shared import Shared
from wattpath.projects.sites import Place, elsewhere
from wattpath.projects.spread import chosen, pool_of, spread

Row = dict[str, Any]
#: Files whose change moves answers without a change of the catalogue or of a kernel.
SOURCES = ("plan", "plan/uncertainty", "economics", "projects")

#: Digits that are kept of a number.
DIGITS = 4

#: Fields of a plan that are kept.
FIELDS = (
    "facility_power_peak_w",
    "cost_usd_per_year",
    "capital_usd",
    "energy_wh_per_year",
    "carbon_kg_per_year",
    "water_m3_per_year",
    "chips",
)


class Family:
    """What projects of one server share: a slice of the service, and what comes close."""

    def __init__(self, part: Slice) -> None:
        self.part = part
        self.near: frozenset[Group] = frozenset()


class Known:
    """What earlier projects of a run tell the later ones."""

    def __init__(self) -> None:
        self.bank = Bank()
        self.families: dict[str, Family] = {}

    def family(self, project: Project) -> Family:
        """Of a project's server; its slice is solved for the first one."""
        server = server_of(project)
        if server not in self.families:
            self.families[server] = Family(slice_of(head_of(project), silent))
        return self.families[server]


def answer(project: Project, known: Known | None = None, progress: Progress = silent) -> Row:
    """What is kept of one project: plans, shares with ranges, supplies, places."""
    refused = refusal(project)
    if refused:
        return {"refused": refused}
    known = known or Known()
    try:
        progress("Deployments and plans", 0.0)
        family = known.family(project)
        found = replan(project, progress=progress, part=family.part, bank=known.bank)
    except InputError as error:
        return {"refused": str(error)}
    plans = {
        name: {field: found.whole(name, field) for field in FIELDS} | {"reasons": list(own.reasons)}
        for name, own in found.result.plans.items()
    }
    row = {
        "date": found.stage.date,
        "server": found.server,
        "assumed": found.assumed,
        "untrained": found.untrained,
        "plans": plans,
        "replaceable": {key: found.result.replaceable_share[key] for key in ("power", "cost")},
    }
    if found.result.feasible:
        row |= _beside(found, known.bank, family, progress)
    kept: Row = _rounded(row)
    return kept


def _beside(found: Replan, bank: Bank, family: Family, progress: Progress) -> Row:
    """Ranges, supplies and places of a replan that has all plans."""
    if not family.near:
        family.near = pool_of(Shared(load_scenario(dict(found.scenario)), {}, bank))
    about = spread(found, progress, bank=bank, near=family.near)
    return {
        "ranges": {key: list(span) for key, span in about.replaceable.items()},
        "draws": about.draws,
        "chosen": [[*group[:2], list(group[2])] for group in sorted(chosen(found.result.plans))],
        "supplies": [_supply(mix) for mix in alternatives(found)],
        "places": [_place(place) for place in elsewhere(found, progress, bank=bank)],
    }


def _supply(mix: Alternative) -> Row:
    return {
        "name": mix.name,
        "reason": mix.reason,
        "usd_j": mix.levelised_usd_j,
        "carbon_kg_j": mix.carbon_kg_j,
        "water_m3_j": mix.water_m3_j,
        "months": mix.months_to_power,
        "built_w": dict(mix.capacity_w),
    }


def _place(place: Place) -> Row:
    return {
        "name": place.name,
        "own": place.own,
        "reason": place.reason,
        "cost_usd": place.cost_usd,
        "carbon_kg": place.carbon_kg,
        "water_m3": place.water_m3,
        "months": place.months,
        "supplies": list(place.supplies),
    }


def _rounded(value: Any) -> Any:
    """Plain values with `DIGITS` digits; None for what is no number."""
    if isinstance(value, Mapping):
        return {str(key): _rounded(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if value == value else None
    return value


def read(file: Path) -> dict[str, Row]:
    """The kept answers by project.

    Raises
    ------
    FileInputError
        If the file cannot be read.
    """
    try:
        found: dict[str, Row] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileInputError(str(file), "hold kept answers", str(error)) from error
    return found


def digest() -> str:
    """Of everything that answers follow from: the catalogue, the kernels, the laws of a plan."""
    root = Path(wattpath.__file__).parent
    total = hashlib.sha256(f"{catalog.digest()} {kernelcache.digest(root)}".encode())
    for folder in SOURCES:
        for file in sorted((root / folder).glob("*.py")):
            total.update(file.read_bytes())
    return total.hexdigest()[:16]


def rebuild(
    file: Path, names: Sequence[str] = (), progress: Progress = silent, *, anew: bool = False
) -> None:
    """Solve projects, all or those named, and keep their answers.

    Parameters
    ----------
    file : Path
    names : sequence of str
        All projects if empty.
    anew : bool
        Whether answers of the same digest are solved again.
    """
    kept = read(file) if file.exists() else {}
    keys = {project.key for project in projects()}
    kept = {key: row for key, row in kept.items() if key in keys}
    asked, mark = [load(name) for name in names] or list(projects()), digest()
    open_ = [p for p in asked if anew or kept.get(p.key, {}).get("digest") != mark]
    known = Known()
    for number, project in enumerate(open_):
        share = number / len(open_)
        kept[project.key] = answer(project, known, _within(progress, project, share))
        kept[project.key]["digest"] = mark
        _write(file, dict(sorted(kept.items())))


def _within(progress: Progress, project: Project, share: float) -> Progress:
    """Progress that names the project; its share is that of all projects."""
    return lambda stage, _: progress(f"{project.name}: {stage}", share)


def _write(file: Path, kept: Mapping[str, Row]) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    os.replace(part, file)


if __name__ == "__main__":
    rebuild(
        Path(sys.argv[1]),
        [name for name in sys.argv[2:] if name != "--anew"],
        lambda stage, share: print(f"{share:4.0%} {stage}", flush=True),
        anew="--anew" in sys.argv,
    )
