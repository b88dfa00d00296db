"""Pipeline schedules played out event by event.

The closed forms of `wattpath.training.steptime.bubble_s` assume equal stages and no waiting
for messages; the simulation takes every stage's own times. One forward one backward and
interleaving follow their fixed order of work on each rank; zero bubble and DualPipe are
played greedily: a rank that is free starts a backward pass if one is ready, else a forward
pass if its memory allows another live micro-batch, else a postponed weight gradient.

References
----------
Narayanan et al. 2021 (interleaving), Qi et al. 2024 (zero bubble), DeepSeek-AI 2024
(DualPipe).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from wattpath.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Schedules that `simulate` knows.
NAMES = ("1f1b", "interleaved", "zero-bubble", "dualpipe")


@dataclass(frozen=True, slots=True)
class Slot:
    """One piece of work on one rank.

    `kind` is F (forward), B (backward; without the weight gradients where these are
    postponed) or W (weight gradients); `direction` is 1 for DualPipe's reverse pipeline.
    """

    rank: int
    kind: Literal["F", "B", "W"]
    microbatch: int
    chunk: int
    direction: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """A schedule played out: its slots, length [s], idle share and live micro-batches.

    `idle` is the share of the time that a rank stands still, `live` the most micro-batches
    (in units of one chunk) whose activations a rank holds at once.
    """

    slots: tuple[Slot, ...]
    length_s: float
    idle: tuple[float, ...]
    live: tuple[int, ...]


#: Work of one rank whose inputs are there: (kind, direction) -> (micro-batch, stage).
_Queues = dict[tuple[str, int], deque[tuple[int, int]]]


@dataclass(slots=True)
class _State:
    """What the simulation knows so far."""

    clock: list[float]
    ended: dict[tuple[str, int, int, int], float] = field(default_factory=dict)
    slots: list[Slot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Pipe:
    """Sizes and times of one pipeline."""

    stages: int
    chunks: int
    microbatches: int
    forward_s: Sequence[float]
    backward_s: Sequence[float]
    weight_s: Sequence[float]
    send_s: float
    split: bool

    @property
    def depth(self) -> int:
        return self.stages * self.chunks

    def rank(self, stage: int, direction: int) -> int:
        place = stage % self.stages
        return self.stages - 1 - place if direction else place

    def seconds(self, kind: str, stage: int) -> float:
        if kind == "F":
            return self.forward_s[stage]
        if kind == "W":
            return self.weight_s[stage]
        return self.backward_s[stage] - (self.weight_s[stage] if self.split else 0.0)

    def ready(self, state: _State, kind: str, batch: int, stage: int, way: int) -> float | None:
        """When the inputs of this work are there, or None while they are not."""
        if kind == "F":
            before = ("F", batch, stage - 1, way) if stage > 0 else None
        elif kind == "W":
            before = ("B", batch, stage, way)
        elif stage < self.depth - 1:
            before = ("B", batch, stage + 1, way)
        else:
            before = ("F", batch, stage, way)
        if before is None:
            return 0.0
        if before not in state.ended:
            return None
        moved = before[2] != stage and self.stages > 1
        return state.ended[before] + (self.send_s if moved else 0.0)

    def play(self, state: _State, kind: str, batch: int, stage: int, way: int) -> bool:
        """Do this work now if its inputs are there."""
        ready = self.ready(state, kind, batch, stage, way)
        if ready is None:
            return False
        rank = self.rank(stage, way)
        start = max(ready, state.clock[rank])
        end = start + self.seconds(kind, stage)
        state.clock[rank] = end
        state.ended[kind, batch, stage, way] = end
        state.slots.append(
            Slot(rank, kind, batch, stage // self.stages, way, start, end)  # type: ignore[arg-type]
        )
        return True


def simulate(
    schedule: str,
    stages: int,
    microbatches: int,
    forward_s: float | Sequence[float],
    backward_s: float | Sequence[float],
    weight_s: float | Sequence[float] = 0.0,
    *,
    chunks: int = 1,
    send_s: float = 0.0,
) -> Timeline:
    """Play one step of a pipeline.

    Parameters
    ----------
    schedule : str
        One of `NAMES`.
    stages, chunks, microbatches : int
        Pipeline ranks, chunks of the model on each, micro-batches per step.
    forward_s, backward_s, weight_s : float or sequence
        Seconds of one chunk for one micro-batch: forward, whole backward, and the part of
        the backward that only weight gradients need; one number, or one per chunk in the
        order of the model (``stages * chunks``).
    send_s : float
        Time of a message between ranks.

    Raises
    ------
    InputError
        For an unknown schedule or sizes that it cannot run.
    """
    if schedule not in NAMES:
        raise InputError("schedule", f"be one of {', '.join(NAMES)}", schedule)
    if schedule == "interleaved" and microbatches % stages:
        hint = f"It must divide by the {stages} stages."
        raise InputError("microbatches", "suit the interleaved schedule", microbatches, hint)
    if schedule == "dualpipe" and (microbatches % 2 or stages % 2 or chunks > 1):
        hint = "DualPipe needs an even number of stages and of micro-batches, and one chunk."
        raise InputError("microbatches", "suit DualPipe", microbatches, hint)
    depth = stages * chunks
    forward, backward, weight = (
        [float(x)] * depth if isinstance(x, (int, float)) else list(x)
        for x in (forward_s, backward_s, weight_s)
    )
    split = schedule in ("zero-bubble", "dualpipe")
    pipe = _Pipe(stages, chunks, microbatches, forward, backward, weight, send_s, split)
    state = _State([0.0] * stages)
    if split:
        _greedy(pipe, state, ways=2 if schedule == "dualpipe" else 1)
    else:
        _ordered(pipe, state, [_order(pipe, rank) for rank in range(stages)])
    return _timeline(pipe, state)


def _order(pipe: _Pipe, rank: int) -> list[tuple[str, int, int]]:
    """The fixed order of (kind, micro-batch, stage) on one rank."""
    p, v, m = pipe.stages, pipe.chunks, pipe.microbatches
    total = m * v

    def place(index: int, forward: bool) -> tuple[int, int]:
        group, rest = divmod(index, p * v)
        chunk, batch = divmod(rest, p)
        if not forward:
            chunk = v - 1 - chunk
        return group * p + batch, chunk * p + rank

    if v == 1:
        warm = min(p - rank - 1, total)
        forwards = [("F", i, rank) for i in range(total)]
        backwards = [("B", i, rank) for i in range(total)]
    else:
        warm = total if m == p else min((p - rank - 1) * 2 + (v - 1) * p, total)
        forwards = [("F", *place(i, True)) for i in range(total)]
        backwards = [("B", *place(i, False)) for i in range(total)]
    order = forwards[:warm]
    for ahead, back in zip(forwards[warm:], backwards, strict=False):
        order += [ahead, back]
    return order + backwards[total - warm :]


def _ordered(pipe: _Pipe, state: _State, orders: list[list[tuple[str, int, int]]]) -> None:
    """Play fixed orders: each rank goes on as far as its inputs allow, round and round."""
    queues = [deque(order) for order in orders]
    while any(queues):
        moved = False
        for queue in queues:
            while queue and pipe.play(state, *queue[0], 0):
                queue.popleft()
                moved = True
        assert moved, "the order of work has a circle"


def _greedy(pipe: _Pipe, state: _State, ways: int) -> None:
    """Play by priority: B, then F within the memory limit, then W.

    Each rank keeps its work whose inputs are there, by kind and direction and in order of
    arrival; the rank that can start first goes on.
    """
    p, m = pipe.stages, pipe.microbatches // ways
    queues: list[_Queues] = [
        {(kind, way): deque() for kind in "BFW" for way in range(ways)} for _ in range(p)
    ]
    for batch in range(m):
        for way in range(ways):
            queues[pipe.rank(0, way)]["F", way].append((batch, 0))
    live = [0] * p
    limit = [(p - r) * pipe.chunks if ways == 1 else p + 1 for r in range(p)]
    for _ in range(3 * m * ways * pipe.depth):
        choices = [_choice(pipe, state, queues[r], r, live[r] < limit[r]) for r in range(p)]
        ranked = [(choice, r) for r, choice in enumerate(choices) if choice is not None]
        assert ranked, "the memory limit stops the pipeline"
        (_, _, batch, back, way, kind), rank = min(ranked)
        stage = -back
        queues[rank][kind, way].popleft()
        pipe.play(state, kind, batch, stage, way)
        live[rank] += {"F": 1, "B": -1, "W": 0}[kind]
        for after, place in _following(pipe, kind, stage):
            queues[pipe.rank(place, way)][after, way].append((batch, place))


def _following(pipe: _Pipe, kind: str, stage: int) -> list[tuple[str, int]]:
    """The work whose inputs a piece of work completes: (kind, stage)."""
    if kind == "F":
        return [("F", stage + 1)] if stage < pipe.depth - 1 else [("B", stage)]
    if kind == "B":
        return [("W", stage)] + ([("B", stage - 1)] if stage > 0 else [])
    return []


def _choice(
    pipe: _Pipe, state: _State, queues: _Queues, rank: int, room: bool
) -> tuple[float, int, int, int, int, str] | None:
    """What a rank does next, as (start, priority, micro-batch, -stage, direction, kind)."""
    best: tuple[float, int, int, int, int, str] | None = None
    for (kind, way), queue in queues.items():
        if not queue or (kind == "F" and not room):
            continue
        batch, stage = queue[0]
        ready = pipe.ready(state, kind, batch, stage, way)
        assert ready is not None
        start = max(ready, state.clock[rank])
        item = (start, "BFW".index(kind), batch, -stage, way, kind)
        if best is None or item < best:
            best = item
    return best


def _timeline(pipe: _Pipe, state: _State) -> Timeline:
    length = max(state.clock)
    busy = [0.0] * pipe.stages
    live, most = [0] * pipe.stages, [0] * pipe.stages
    for slot in sorted(state.slots, key=lambda s: (s.start_s, s.kind != "B")):
        busy[slot.rank] += slot.end_s - slot.start_s
        live[slot.rank] += {"F": 1, "B": -1, "W": 0}[slot.kind]
        most[slot.rank] = max(most[slot.rank], live[slot.rank])
    idle = tuple(1.0 - b / length for b in busy)
    return Timeline(tuple(state.slots), length, idle, tuple(most))
