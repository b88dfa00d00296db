"""How long whole plans take, stage by stage, and how much memory they need.

Run with ``python benchmarks/plan.py [SCENARIO ...]``. The second run of a machine counts:
the first one compiles the kernels.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from wattpath.plan import scenario, study

EXAMPLES = Path(__file__).parents[1] / "examples"


def main(files: list[str]) -> None:
    """Print wall and CPU seconds of every stage, the search's counts and the peak memory."""
    for file in files or sorted(str(path) for path in EXAMPLES.glob("*.yaml")):
        wall, cpu = time.perf_counter(), time.process_time()
        result = study.run(scenario.load(file))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{Path(file).name}: {wall:.1f} s wall, {cpu:.1f} s CPU, {memory:.0f} MiB at most")
        for stage, seconds in result.seconds.items():
            print(f"  {stage:28s}{seconds:8.2f} s")
        searched = result.seconds["search"]
        print(f"  considered {result.considered:,} ({result.considered / searched:,.0f} a second),")
        print(f"  dominated {result.dominated:,}, columns {result.columns:,}")
        print(f"  representative gap {result.gap:.2%}")
        if result.years is not None:
            for name, path in result.years.paths.items():
                print(
                    f"  {name:9s}{path.npv_usd / 1e9:9.3f} billion $, all hours {path.gap:+.2%}, "
                    f"above the bound {path.bound_gap:.2%} at most"
                )


if __name__ == "__main__":
    main(sys.argv[1:])
