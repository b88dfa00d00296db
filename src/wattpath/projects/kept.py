"""Replans of all projects, kept in one file so that pages can be written without solving anew.

Run ``python -m wattpath.projects.kept docs/projects/replans.json`` after a change that moves
answers: a project takes some 10 s of one processor, the first of each server two minutes. Its
deployments are searched and its ranges drawn; later projects of a server that it chose too choose
among what it chose and the neighbours, and its draws are set about their own shares. Names after
the file solve only these and keep the others. The file is written after every project, whole or
not at all.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wattpath.errors import FileInputError, InputError
from wattpath.projects.alternatives import Alternative, alternatives
from wattpath.projects.project import Project, load, projects
from wattpath.projects.replan import Like, Replan, refusal, replan, server_of
from wattpath.projects.sites import Place, elsewhere
from wattpath.projects.spread import Drawn, chosen, drawn, neighbourhood

Row = dict[str, Any]
Progress = Callable[[str, float], None]

#: Server -> what an earlier project of it tells: its slice with deployments, and its draws.
Families = dict[str, tuple[Like, Drawn]]

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


def silent(stage: str, share: float) -> None:
    """Report nothing."""


def answer(project: Project, progress: Progress = silent, families: Families | None = None) -> Row:
    """What is kept of one project: plans, shares with ranges, supplies, places.

    Parameters
    ----------
    families : dict, optional
        Server -> slice, deployments and draws of an earlier project. They stand in for a search;
        where there are none, those of this project are added.
    """
    refused = refusal(project)
    if refused:
        return {"refused": refused}
    try:
        server = server_of(project)
        known = None if families is None else _known(families, server)
        like = known[0] if known else None
        found = replan(project, progress=progress, attribute=False, like=like)
    except InputError as error:
        return {"refused": str(error)}
    if found.result.feasible:
        groups = like.groups if like else neighbourhood(found)
        own = Like(groups, found.scenario["demands"], found.chips / found.factor)
        known = own, known[1] if known else drawn(found, progress)
        if families is not None:
            families[server] = known
    plans = {
        name: {field: found.whole(name, field) for field in FIELDS} | {"reasons": list(own.reasons)}
        for name, own in found.result.plans.items()
    }
    row = {
        "date": found.stage.date,
        "server": found.server,
        "assumed": found.assumed,
        "plans": plans,
        "replaceable": {key: found.result.replaceable_share[key] for key in ("power", "cost")},
    }
    if found.result.feasible and known is not None:
        row |= _beside(found, known[1], progress)
    kept: Row = _rounded(row)
    return kept


def _known(families: Families, server: str) -> tuple[Like, Drawn] | None:
    """What is known of a server, or of one whose plans chose it too."""
    if server in families:
        return families[server]
    for like, draws in families.values():
        if any(server == chosen_server for _, chosen_server, _ in like.groups):
            return Like(like.groups), draws
    return None


def _beside(found: Replan, draws: Drawn, progress: Progress) -> Row:
    """Ranges, supplies and places of a replan that has all plans."""
    about = draws.about(found.result.replaceable_share)
    return {
        "ranges": {key: list(span) for key, span in about.replaceable.items()},
        "draws": about.draws,
        "chosen": [[*group[:2], list(group[2])] for group in sorted(chosen(found.result.plans))],
        "supplies": [_supply(mix) for mix in alternatives(found)],
        "places": [_place(place) for place in elsewhere(found, progress)],
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


def rebuild(file: Path, names: Sequence[str] = (), progress: Progress = silent) -> None:
    """Solve projects anew, all or those named, and keep their answers.

    Parameters
    ----------
    file : Path
    names : sequence of str
        All projects if empty.
    """
    kept = read(file) if file.exists() else {}
    keys = {project.key for project in projects()}
    kept = {key: row for key, row in kept.items() if key in keys}
    asked = [load(name) for name in names] or list(projects())
    families: Families = {}
    for number, project in enumerate(asked):
        progress(project.name, number / len(asked))
        kept[project.key] = answer(project, families=families)
        _write(file, dict(sorted(kept.items())))


def _write(file: Path, kept: Mapping[str, Row]) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    os.replace(part, file)


if __name__ == "__main__":
    rebuild(
        Path(sys.argv[1]),
        sys.argv[2:],
        lambda stage, share: print(f"{share:4.0%} {stage}", flush=True),
    )
