"""Speed of the layout search: ``python benchmarks/training.py``.

Searches GPT-3 175B on 4,096 A100 twice: once evaluating every valid layout, once with the
bound. Both must name the same best layouts. Compilation is not timed.
"""

from __future__ import annotations

import time

from wattpath.hardware import load_chip
from wattpath.models import Shape
from wattpath.training import Job, Space, load_trainer, search

GPT3 = Shape(
    layers=96.0, hidden=12288.0, heads=96.0, kv_heads=96.0, head_dim=128.0, v_head_dim=128.0,
    q_rank=0.0, kv_rank=0.0, nope_dim=0.0, rope_dim=0.0, mlp_matrices=2.0, dense_layers=96.0,
    ffn=49152.0, moe_layers=0.0, experts=0.0, experts_active=0.0, experts_shared=0.0,
    moe_ffn=0.0, shared_ffn=0.0, full_layers=96.0, window_layers=0.0, window=0.0,
    state_layers=0.0, state_elements=0.0, state_params=0.0, vocab=51200.0, embeddings=1.0,
    max_context=2048.0,
)  # fmt: skip
CHIPS = 4096.0
JOB = Job(2048.0, 4096.0, host_bytes_s=24e9)
SPACE = Space(
    cp=(1.0, 2.0, 4.0, 8.0),
    micro_batch=tuple(float(2**i) for i in range(11)),
    schedule=(1.0, 3.0, 4.0),
    offload=tuple(i / 8.0 for i in range(9)),
)


def main() -> None:
    """Print layouts per second and the agreement of both searches."""
    chip, trainer = load_chip("A100"), load_trainer("current")
    search(GPT3, chip, trainer, JOB, CHIPS, Space(tp=(8.0,), micro_batch=(1.0,)))
    results = []
    for prune in (False, True):
        start, cpu = time.perf_counter(), time.process_time()
        result = search(GPT3, chip, trainer, JOB, CHIPS, SPACE, prune=prune)
        wall, used = time.perf_counter() - start, time.process_time() - cpu
        results.append(result)
        print(
            f"{'bounded' if prune else 'every layout'}: {result.size:,} layouts in the space, "
            f"{result.evaluated:,} evaluated, {wall:.2f} s ({used:.2f} s CPU), "
            f"{result.evaluated / used:,.0f} evaluated and {result.size / used:,.0f} decided "
            f"a second and core"
        )
        print(f"  best {result.best[0].step_s:.3f} s: {result.best[0].layout}")
    print("same ten best:", results[0].best == results[1].best)


if __name__ == "__main__":
    main()
