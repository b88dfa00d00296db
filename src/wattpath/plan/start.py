"""What every plan starts from: a clock, its players, the size of the load, its inputs."""

from __future__ import annotations

import time
from typing import Any

from wattpath import __version__, catalog, levers
from wattpath.errors import InputError
from wattpath.plan.columns.deployment import Columns
from wattpath.plan.columns.leversets import player
from wattpath.plan.connection import exchange
from wattpath.plan.operate.provisioning import OVERSUBSCRIPTION
from wattpath.plan.optimise import HARDWARE
from wattpath.plan.scenario import Scenario


class Clock:
    """Wall time of each stage."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self.last = seconds, time.perf_counter()

    def __call__(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage], self.last = now - self.last, now


def players_of(scenario: Scenario) -> dict[str, frozenset[str]]:
    """What each of the four plans may change."""
    base = {lever.key for lever in levers.by_names(scenario.baseline.levers, "baseline.levers")}
    options = levers.by_names(scenario.options.levers, "options.levers")
    _check_levers(scenario)
    software = frozenset(player(lever) for lever in options if lever.key not in base)
    hardware = frozenset(HARDWARE)
    return {
        "baseline": frozenset(),
        "blue": hardware,
        "red": software,
        "both": hardware | software,
    }


def _check_levers(scenario: Scenario) -> None:
    """Refuse a baseline that contradicts itself, and levers without anything to act on."""
    given = {"baseline": scenario.baseline.levers, "options": scenario.options.levers}
    clash = levers.compatible(levers.by_names(given["baseline"]))
    if clash is not None:
        raise InputError("baseline.levers", "stand together", given["baseline"], clash)
    for part, keys in given.items():
        for index, key in enumerate(keys):
            reason = levers.computed(levers.load(key))
            if reason is not None:
                where = f"{part}.levers.{index}"
                raise InputError(where, "be a lever whose effect is computed", key, reason)
            if part == "baseline" and levers.load(key).stage == "operation":
                where = f"{part}.levers.{index}"
                hint = "Give it under options.levers, so that plans without it can be told."
                raise InputError(where, "not be a lever of operation", key, hint)
    _check_operation(scenario)


def _check_operation(scenario: Scenario) -> None:
    """Refuse levers of operation that the scenario leaves nothing to act on."""
    options = {levers.load(key).key for key in scenario.options.levers}
    if "place-shifting" in options and not scenario.other_sites:
        raise InputError(
            "other_sites",
            "be given for place-shifting",
            None,
            "Such as other_sites: [{site: us-columbus, power: 5 MW, network: 100 Gbit/s}].",
        )
    if OVERSUBSCRIPTION in options and scenario.baseline.provisioning is None:
        raise InputError(
            "baseline.provisioning",
            "be given for oversubscription",
            None,
            "Halls are sized by what servers draw, so nothing of their rating is left over. "
            "For halls built for 85 % of it: provisioning: 0.85.",
        )


#: Units of a demand below which a programme cannot tell it from none.
LEAST_UNITS = 1e-6


def expected_w(columns: Columns) -> float:
    """The order of magnitude of the load, from any one column of each demand [W].

    Raises
    ------
    InputError
        If a demand is too small to be told from none.
    """
    first = {column.demand: column for column in columns.deployments}
    need = {column.demand: column.figures["need"] for column in columns.deployments}
    for name, column in first.items():
        units = need[name] / column.capacity
        if units < LEAST_UNITS:
            rule = f"be work for at least {LEAST_UNITS:g} of a replica in its busiest hour"
            raise InputError(f"demands.{name}", rule, f"{units:.2g} of one")
    total = sum(need[name] / column.capacity * column.full_w for name, column in first.items())
    return max(total, 1e3)


def inputs_of(scenario: Scenario, source: str, evidence: str) -> dict[str, Any]:
    """What makes the answer repeatable."""
    return {
        "version": __version__,
        "catalog": catalog.digest(),
        "seed": scenario.seed,
        "site": scenario.site,
        "weather": source,
        "weather_evidence": evidence,
        **exchange(scenario),
    }
