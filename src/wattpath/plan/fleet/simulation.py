"""What a driven fleet did with a list of requests: percentiles, crowds, energy, power."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from wattpath.plan.fleet.drive import Drive
from wattpath.plan.fleet.replicas import Replica
from wattpath.serving.heap import Floats, Integers

#: Percentiles that are reported.
PERCENTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0}
#: Times that are reported, and most intervals of what is told over time.
TIMES, INTERVALS = ("ttft_s", "tpot_s", "e2e_s"), 96


@dataclass(frozen=True, slots=True)
class Group:
    """Replicas alike of one deployment, and the share of the demand that they serve.

    `chips` are those of all its servers, used or not; `small` is the name of the model where
    it is not the demand's own.
    """

    replica: Replica
    replicas: int
    chips: float
    share: float
    small: str = ""

    @property
    def ranks(self) -> tuple[int, ...]:
        """Attention ranks of each pool: what a router sends requests to."""
        return tuple(self.replicas * pool.ranks for pool in self.replica.pools)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        model = {"model": self.small} if self.small else {}
        return model | {
            "server": self.replica.server.key,
            "layout": self.replica.label,
            "replicas": self.replicas,
            "ranks": sum(self.ranks),
            "chips": self.chips,
            "share": self.share,
        }


@dataclass(frozen=True, slots=True)
class Answers:
    """What users saw, in order of arrival; NaN where a request was not served.

    `outputs` are tokens of the answer that the user got, `priority` the class.
    """

    arrival_s: Floats
    first_s: Floats
    done_s: Floats
    outputs: Floats
    priority: Integers

    def times_s(self, name: str) -> Floats:
        """`ttft_s`, `tpot_s` or `e2e_s` of each request [s]."""
        if name == "ttft_s":
            return np.asarray(self.first_s - self.arrival_s)
        if name == "e2e_s":
            return np.asarray(self.done_s - self.arrival_s)
        return np.asarray((self.done_s - self.first_s) / np.maximum(1.0, self.outputs - 1.0))

    def kept(self, limits: tuple[float, float]) -> np.ndarray:
        """Who got first token and further tokens within limits [s]."""
        return (self.times_s("ttft_s") <= limits[0]) & (self.times_s("tpot_s") <= limits[1])


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a fleet did with a list of requests.

    Attributes
    ----------
    runs : tuple of Drive
        Of each group.
    answers : Answers
        What users saw.
    limits : tuple of float
        On time to first token and per further token [s].
    chip_energy_j, it_energy_j : float
        Of the accelerators alone; of the whole servers and their network [J].
    it_w : ndarray
        Mean IT power of successive intervals of `step_s` [W].
    wall_s, compile_s : float
        Time that the replay took [s], and its compilation before.
    resumed : bool
        Whether it went on from a file; its speed is then not told.
    """

    demand: str
    groups: tuple[Group, ...]
    runs: tuple[Drive, ...]
    answers: Answers
    limits: tuple[float, float]
    chip_energy_j: float
    it_energy_j: float
    it_w: Floats
    step_s: float
    wall_s: float
    compile_s: float
    resumed: bool = False

    @property
    def seconds(self) -> float:
        """Until the last answer ended [s]."""
        return max(run.seconds for run in self.runs)

    def over_time(self, name: str) -> Floats:
        """`waiting`, `running` or `on` of all groups in each interval."""
        total = np.zeros(len(self.it_w))
        for run in self.runs:
            values = getattr(run, name)
            total[: len(values)] += values
        return total

    def to_json(self) -> dict[str, Any]:
        """Plain values: counts, speed, percentiles, crowds, energy and the fleet."""
        done = self.answers.done_s
        inputs = sum(run.inputs for run in self.runs)
        return {
            "demand": self.demand,
            "requests": len(done),
            "served": int(np.isfinite(done).sum()),
            "wall_s": self.wall_s,
            "compile_s": self.compile_s,
            "requests_per_s": math.nan if self.resumed else len(done) / self.wall_s,
            "simulated_s": self.seconds,
            "percentiles": self._percentiles(),
            "within_service_level": float(self.answers.kept(self.limits).mean()),
            "classes": self._classes(),
            "queue": self._crowds(),
            "prefix_found_share": sum(run.found * run.inputs for run in self.runs) / inputs,
            "preempted": sum(run.preempted for run in self.runs),
            "lost": sum(run.lost for run in self.runs),
            "resent": sum(run.resent for run in self.runs),
            "energy": self._energy(done),
            "over_time": self._series(),
            "fleet": [group.to_json() for group in self.groups],
        }

    def _percentiles(self, chosen: np.ndarray | slice = slice(None)) -> dict[str, Any]:
        return {name: _percentiles(self.answers.times_s(name)[chosen]) for name in TIMES}

    def _classes(self) -> list[dict[str, Any]]:
        """Percentiles and kept limits of each class; empty where all are of one."""
        count = int(self.answers.priority.max(initial=0)) + 1
        if count == 1:
            return []
        kept = self.answers.kept(self.limits)
        members = [self.answers.priority == number for number in range(count)]
        return [
            {
                "requests": int(mine.sum()),
                "within_service_level": float(kept[mine].mean()) if mine.any() else math.nan,
                "percentiles": self._percentiles(mine),
            }
            for mine in members
        ]

    def _crowds(self) -> dict[str, float]:
        """Mean and highest numbers of requests that wait and are served, and ranks on."""
        lengths = interval_lengths(len(self.it_w), self.step_s, self.seconds)
        told: dict[str, float] = {}
        for name in ("waiting", "running", "on"):
            values = self.over_time(name)
            key = "ranks_on" if name == "on" else name
            told[f"{key}_mean"] = float(values @ lengths / lengths.sum())
            told[f"{key}_peak"] = float(values.max())
        return told

    def _series(self) -> dict[str, Any]:
        """Crowds and IT power at most `INTERVALS` times."""
        each = -(-len(self.it_w) // INTERVALS)
        lists = {
            "waiting": self.over_time("waiting"),
            "running": self.over_time("running"),
            "ranks_on": self.over_time("on"),
            "it_w": self.it_w,
        }
        return {"step_s": each * self.step_s} | {
            name: [float(part.mean()) for part in np.split(v, range(each, len(v), each))]
            for name, v in lists.items()
        }

    def _energy(self, done: Floats) -> dict[str, float]:
        """Energy of the whole replay and per token and request [J], and power [W]."""
        tokens = float(self.answers.outputs[np.isfinite(done)].sum())
        return {
            "chip_j": self.chip_energy_j,
            "it_j": self.it_energy_j,
            "chip_j_per_output_token": self.chip_energy_j / tokens if tokens else math.nan,
            "it_j_per_output_token": self.it_energy_j / tokens if tokens else math.nan,
            "it_j_per_request": self.it_energy_j / len(done),
            "mean_it_w": self.it_energy_j / self.seconds if self.seconds else math.nan,
            "peak_it_w": float(self.it_w.max()),
        }


def interval_lengths(count: int, step_s: float, seconds: float) -> Floats:
    """Length of each interval [s]; the last one takes all that follows."""
    lengths = np.full(count, step_s)
    lengths[-1] = max(1e-9, seconds - step_s * (count - 1))
    return lengths


def _percentiles(values: Floats) -> dict[str, float]:
    served = values[np.isfinite(values)]
    if not served.size:
        return dict.fromkeys(("mean", *PERCENTILES), math.nan)
    found = np.percentile(served, list(PERCENTILES.values()))
    return {"mean": float(served.mean())} | dict(zip(PERCENTILES, map(float, found), strict=True))
