"""How long the facility layer takes: 1,000 cooling designs over 8,760 hours.

    python benchmarks/facility.py [DESIGNS]

Prints CPU seconds per kind of cooling and for a mixed set, the fastest of three passes;
kernels are compiled before.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from wattpath import facility
from wattpath.facility.comparison import offered

#: Passes over the designs, of which the fastest counts: other work on the machine slows some.
PASSES = 3


def variants(key: str, count: int) -> list[facility.Cooling]:
    """Designs that differ in inlet air and air rise, drawn with a fixed seed."""
    random = np.random.default_rng(1)
    return [
        facility.load_cooling(
            key,
            {"air_supply_c": random.uniform(20.0, 28.0), "air_rise_k": random.uniform(9.0, 16.0)},
        )
        for _ in range(count)
    ]


def pass_s(
    systems: list[facility.Cooling], chain: facility.Electrical, weather: facility.Weather
) -> float:
    """CPU time of one pass over the designs [s]."""
    start = time.process_time()
    for system in systems:
        facility.simulate(system, chain, weather, 0.8)
    return time.process_time() - start


def main(count: int) -> None:
    weather = facility.load_weather("us-abilene")
    chain = facility.load_electrical("modern-eco")
    facility.simulate("liquid-evaporative-tower", chain, weather)
    total, designs = 0.0, 0
    keys = offered()
    share = max(count // len(keys), 1)
    print(f"{'cooling':28s} {'ms per design':>13s}")
    for key in keys:
        systems = variants(key, share)
        spent = min(pass_s(systems, chain, weather) for _ in range(PASSES))
        total, designs = total + spent, designs + share
        print(f"{key:28s} {spent / share * 1e3:13.2f}")
    print(f"{designs} designs x 8,760 h: {total:.2f} CPU-s ({total / designs * 1e3:.2f} ms each)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
