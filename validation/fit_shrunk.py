"""Constants of several engines from linear errors, each engine drawn towards what all share.

With `d` the logarithms of constants against the default engine, in widths of their priors,

    minimise  sum w rho(e0 + J (d_all + d_engine - d_now)) + |d_all|^2 + |d_engine|^2 / OWN^2

where `rho` is a soft absolute loss, solved by reweighted least squares.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wattpath.serving.engine import Engine
from wattpath.validate.serving_rows import Row

Floats = NDArray[np.float64]

#: Constant -> width of its prior [1/e fold] around the default engine's.
PRIOR = {
    "host_s": 1.0, "host_sequence_s": 1.0, "stream_s": 1.0, "request_s": 0.7, "reply_s": 0.7,
    "eager_s": 0.6, "kernel_factor": 0.08, "prompt_factor": 0.12, "convert_share": 0.7,
    "vector_eff": 0.5, "collective_factor": 0.3,
}  # fmt: skip
#: Width of an engine's own part against that of what all engines share.
OWN = 0.7
#: Scale of the loss: errors above this share count less and less.
SCALE = 0.15
#: Most that a constant moves from where its slopes were taken [widths].
MOST = 1.0
#: Rounds of reweighting.
ROUNDS = 12


class Table(NamedTuple):
    """Errors [log], their slopes per prior width, and whose they are; by row and quantity."""

    errors: Floats
    slopes: Floats
    groups: list[tuple[str, ...]]
    owners: list[str]
    rows: list[Row]


def _steps(engine: Engine, default: Engine) -> Floats:
    """An engine's constants against the default's [widths]; 0 for those it does not have."""
    return np.array(
        [
            np.log(max(getattr(engine, n), 1e-12) / max(getattr(default, n), 1e-12)) / width
            if getattr(engine, n) > 0.0 and getattr(default, n) > 0.0
            else 0.0
            for n, width in PRIOR.items()
        ]
    )


def solve(
    table: Table, keep: NDArray[np.bool_], engines: dict[str, Engine], default: Engine
) -> dict[str, Engine]:
    """Constants of every engine from the rows that are kept."""
    names, count = sorted(engines), len(PRIOR)
    now = {name: _steps(engines[name], default) for name in names}
    place = {name: 1 + i for i, name in enumerate(names)}
    size = (1 + len(names)) * count
    chosen = np.flatnonzero(keep)
    crowd = Counter(table.groups[i] for i in chosen)
    design, target = np.zeros((len(chosen), size)), np.zeros(len(chosen))
    for line, i in enumerate(chosen):
        name, slope = table.owners[i], table.slopes[i]
        at = place[name] * count
        design[line, :count], design[line, at : at + count] = slope, slope
        target[line] = slope @ now[name] - table.errors[i]
    weight = np.array([crowd[table.groups[i]] ** -0.5 for i in chosen]) / SCALE**2
    prior = np.concatenate([np.ones(count), np.full(size - count, OWN**-2)])
    x: Floats = np.zeros(size)
    soft: Floats = np.ones(len(chosen))
    for _ in range(ROUNDS):
        scaled = design * (weight * soft)[:, None]
        x = np.asarray(
            np.linalg.solve(design.T @ scaled + np.diag(prior), scaled.T @ target), np.float64
        )
        miss = (design @ x - target) / SCALE
        soft = 1.0 / np.sqrt(1.0 + miss * miss)
    found = {}
    for name in names:
        at = place[name] * count
        steps = np.clip(x[:count] + x[at : at + count] - now[name], -MOST, MOST)
        moved = {
            n: getattr(engines[name], n) * float(np.exp(step * width))
            for (n, width), step in zip(PRIOR.items(), steps, strict=True)
        }
        found[name] = engines[name]._replace(**moved)
    return found
