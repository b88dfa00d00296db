"""The whole answer to "train this model on these chips": what the command prints.

One layout given, or the best of a search, with its time by cause, its memory by use, its
power, its goodput, the other layouts worth knowing, and why the rest fell out.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wattpath import catalog, models
from wattpath.hardware import describe, load_chip
from wattpath.hardware.fabric import with_fabric
from wattpath.training.deployment import checkpoint_bytes, label, model_flops_per_token
from wattpath.training.energy import StepPower, step_power
from wattpath.training.goodput import Goodput, component_shares, goodput
from wattpath.training.host import host_link
from wattpath.training.layout import (
    CONTEXT,
    REASONS,
    SCHEDULES,
    Layout,
    chips_of,
    microbatches,
    stage_layers,
    validity,
)
from wattpath.training.memory import Memory, layer_bytes, rank_memory
from wattpath.training.network import stage_s
from wattpath.training.picture import timeline_rows
from wattpath.training.schedule import simulate
from wattpath.training.search import Found, Space, search
from wattpath.training.sizing import ClusterExtras, cluster_extras
from wattpath.training.steptime import Job, Step, layer_times, step
from wattpath.training.trainer import Trainer, load_trainer

if TYPE_CHECKING:
    from collections.abc import Callable

    from wattpath.hardware import Chip
    from wattpath.models import Shape


@dataclass(frozen=True, slots=True)
class Candidate:
    """One layout of the answer: name, step time [s], memory [B], chip energy of a step [J].

    `evidence` is the grade of chip and software constants, or ``estimate`` where the layout
    uses what no published run has tested (see `unmeasured`).
    """

    label: str
    layout: Layout
    step_s: float
    memory_bytes: float
    energy_j: float
    evidence: str


@dataclass(frozen=True, slots=True)
class TrainingAnswer:
    """How a model trains on a cluster.

    Attributes
    ----------
    model, chip, trainer : str
        Full names.
    feasible : bool
        Whether a layout is valid and fits.
    reason : str
        Why not, with the margin.
    chosen : Candidate or None
        The layout answered for; the best of the search where none was given.
    parts_s : dict of str to float
        Seconds of a step by cause; they add up to the step.
    memory : Memory or None
        Bytes of the fullest rank by use.
    power : StepPower or None
        Chip power over the step.
    goodput : Goodput or None
        Stops, checkpoints and the useful share of the clock.
    extras : ClusterExtras or None
        Storage and network, sized and priced.
    tokens_per_s, mfu, days, energy_j : float
        Rate with goodput; model FLOP over the 16-bit peak; length and chip energy of the
        run (0 where its tokens are not given).
    top, front : tuple of Candidate
        The ten fastest, and those that none beats in time, memory and energy at once.
    refused : dict of str to int
        Reasons of the layouts that fell out, with counts.
    pipeline : tuple of str
        One line per pipeline stage: what it does over one step of a few micro-batches (see
        `wattpath.training.picture.timeline_rows`); empty without a pipeline.
    evidence, relative_range, note : str, float, str
        Grade of the weaker of chip and software constants, the range to expect on the step
        time (as a fraction of it), and what weakens the answer.
    """

    model: str
    chip: str
    trainer: str
    feasible: bool
    reason: str
    chosen: Candidate | None
    parts_s: dict[str, float]
    memory: Memory | None
    power: StepPower | None
    goodput: Goodput | None
    extras: ClusterExtras | None
    tokens_per_s: float
    mfu: float
    days: float
    energy_j: float
    top: tuple[Candidate, ...]
    front: tuple[Candidate, ...]
    refused: dict[str, int]
    pipeline: tuple[str, ...]
    evidence: str
    relative_range: float
    note: str

    def to_json(self) -> dict[str, Any]:
        """Plain data for a file or another program."""
        data = asdict(self)
        for name in ("memory", "power"):
            part = getattr(self, name)
            data[name] = part._asdict() if part is not None else None
        for name in ("top", "front"):
            data[name] = [_plain(item) for item in getattr(self, name)]
        data["chosen"] = _plain(self.chosen) if self.chosen is not None else None
        return data


def _plain(item: Candidate) -> dict[str, Any]:
    return {**asdict(item), "layout": item.layout._asdict()}


def train(
    model: str,
    chip: str,
    chips: float,
    *,
    layout: Layout | None = None,
    space: Space | None = None,
    sequence: float = 4096.0,
    batch: float = 0.0,
    bits: float = 16.0,
    tokens: float = 0.0,
    trainer: str = "current",
    power_cap: float = 1.0,
    fabric: str = "",
    oversubscription: float = 1.0,
    domain: float = 0.0,
    report: Callable[[float], None] | None = None,
) -> TrainingAnswer:
    """Answer for a model on a number of chips, for one layout or the best.

    Parameters
    ----------
    model, chip, trainer : str
        Names of the catalogue; the model may be a configuration file (``config.json``).
    chips : float
        Chips that compute.
    layout : Layout, optional
        The spread to answer for; None searches `space` (everything by default).
    sequence, batch : float
        Length of a sequence [token]; sequences per step (0: about 16 million tokens).
    bits : float
        Width of matrix products [bit].
    tokens : float
        Tokens of the whole run [token], for its length and energy.
    power_cap : float
        Cap on chip power as a fraction of its rated power.
    fabric, oversubscription, domain : str, float, float
        Another network than the chip's own, how thin its core is, and chips of a scale-up
        domain (see `wattpath.hardware.fabric.with_fabric`).
    report : callable, optional
        Called with the share of the search that is done.

    Returns
    -------
    TrainingAnswer
        Infeasible ones carry the reason and the margin.

    Raises
    ------
    UnknownNameError
        If a name is not in the catalogue.
    """
    from_file = Path(model).suffix == ".json"
    architecture = models.read_config(model) if from_file else models.load(model)
    shape = architecture.shape
    unit = with_fabric(load_chip(chip), fabric, oversubscription, domain)
    software = load_trainer(trainer, "trainer")
    batch = batch or chips * max(1.0, round(16e6 / sequence / chips))
    job = Job(sequence, batch, bits, 2.0, 1.0, power_cap, *host_link(chip))
    refused: dict[str, int] = {}
    top: tuple[Found, ...] = ()
    front: tuple[Found, ...] = ()
    reason = ""
    if layout is None:
        room = space or Space(cp=(1.0, 2.0, 4.0, 8.0), context=tuple(CONTEXT.values()))
        result = search(shape, unit, software, job, chips, room, front=32, report=report)
        top, front, refused = result.best, result.front, result.refused
        layout = top[0].layout if top else None
        if layout is None:
            reason = _why_nothing(refused, result.smallest_excess)
    else:
        layout = Layout(*(float(x) for x in layout))
        reason = _why_not(shape, unit, software, layout, job, chips)
        layout = None if reason else layout
    return _answer(
        (architecture.name, chip, trainer), shape, unit, software, job, layout, reason, tokens,
        top, front, refused,
    )  # fmt: skip


def _why_nothing(refused: dict[str, int], excess: float) -> str:
    if "does not fit in memory" in refused:
        return f"no layout fits in memory; the nearest is {excess:.3g} B over"
    return "no layout is valid: " + "; ".join(refused)


def _why_not(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job, chips: float
) -> str:
    """Why one layout cannot run, or an empty string."""
    code = validity(shape, layout, float(chips), job.batch, job.sequence, trainer.uneven_stages)
    if code:
        return REASONS[code] + f" ({chips_of(layout):g} chips, batch {job.batch:g})"
    result = step(shape, chip, trainer, layout, job)
    if not math.isfinite(result.step_s):
        return REASONS[-1]
    over = result.memory_bytes - chip.mem_bytes
    return f"does not fit in memory: {over:.3g} B over" if over > 0.0 else ""


def _answer(
    names: tuple[str, str, str],
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    job: Job,
    layout: Layout | None,
    reason: str,
    tokens: float,
    top: tuple[Found, ...],
    front: tuple[Found, ...],
    refused: dict[str, int],
) -> TrainingAnswer:
    evidence, spread, note = _evidence(names[1], names[2])
    chip_name = describe(names[1]).name
    if layout is None:
        return TrainingAnswer(
            names[0], chip_name, names[2], False, reason, None, {}, None, None, None, None,
            0.0, 0.0, 0.0, 0.0, (), (), refused, (), evidence, spread, note,
        )  # fmt: skip
    result = step(shape, chip, trainer, layout, job)
    power = _power(shape, chip, trainer, layout, job, result)
    chips = chips_of(layout)
    state = checkpoint_bytes(shape, trainer)
    useful = goodput(chips, state, shares=component_shares())
    raw = job.batch * job.sequence / result.step_s
    rate = raw * useful.share
    mfu = raw * model_flops_per_token(shape, job.sequence) / (chips * chip.bf16_flops)
    seconds = tokens / rate

    def candidate(found: Found) -> Candidate:
        one = step(shape, chip, trainer, found.layout, job)
        mean = _power(shape, chip, trainer, found.layout, job, one).mean_w
        energy = mean * one.step_s * chips
        grade = "estimate" if unmeasured(found.layout, chip) else evidence
        return Candidate(
            label(found.layout), found.layout, one.step_s, one.memory_bytes, energy, grade
        )

    chosen = candidate(Found(layout, result.step_s, result.memory_bytes))
    parts = {k: v for k, v in result._asdict().items() if k.endswith("_s") and k != "step_s"}
    count = microbatches(layout, job.batch)
    part = layer_bytes(shape, trainer, layout, job.sequence)
    return TrainingAnswer(
        names[0], chip_name, names[2], True, "", chosen, parts,
        rank_memory(shape, trainer, layout, part, job.sequence, count), power, useful,
        cluster_extras(chips, state), rate, mfu, seconds / 86400.0,
        seconds * chips * power.mean_w, tuple(candidate(f) for f in top),
        undominated(tuple(candidate(f) for f in front)), refused,
        pipeline_rows(shape, chip, trainer, layout, job), evidence, spread, note,
    )  # fmt: skip


def unmeasured(layout: Layout, chip: Chip) -> str:
    """What of a layout no published run of the project's ledger has tested, or nothing."""
    if layout.schedule > SCHEDULES["interleaved"]:
        return "pipelines without bubble"
    if layout.cp > 1.0 and layout.context != CONTEXT["gather"]:
        return "context parallelism by ring or all-to-all"
    if layout.offload > 0.0:
        return "state in host memory"
    if layout.tp > 2.0 * min(8.0, chip.scaleup_domain):
        return "tensor parallelism over more than two servers"
    return ""


def pipeline_rows(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job
) -> tuple[str, ...]:
    """The layout's schedule played with twice as many micro-batches as stages, as text."""
    stages, chunks = round(layout.pp), round(layout.vpp)
    if stages < 2 or stages > 32:
        return ()
    name = next(key for key, code in SCHEDULES.items() if code == layout.schedule)
    if name == "1f1b" and chunks > 1:
        name = "interleaved"
    if name == "zero-bubble" and chunks > 1:  # played with whole stages
        chunks = 1
    times = layer_times(shape, chip, trainer, layout, job)
    layers = stage_layers(shape, layout) / chunks
    played = simulate(
        name, stages, 2 * stages, layers * times.forward_s,
        layers * (times.backward_s + times.recompute_s), layers * times.weight_s,
        chunks=chunks, send_s=stage_s(shape, chip, layout, job.sequence),
    )  # fmt: skip
    return tuple(timeline_rows(played))


def undominated(items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Those that no other beats in time, memory and energy at once."""

    def beats(a: Candidate, b: Candidate) -> bool:
        x = (a.step_s, a.memory_bytes, a.energy_j)
        y = (b.step_s, b.memory_bytes, b.energy_j)
        return x != y and all(i <= j for i, j in zip(x, y, strict=True))

    return tuple(b for b in items if not any(beats(a, b) for a in items))


def _power(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job, result: Step
) -> StepPower:
    times = layer_times(shape, chip, trainer, layout, job)
    power: StepPower = step_power(
        shape, chip, trainer, layout, job, result, times.dense, times.expert
    )
    return power


def _evidence(chip: str, trainer: str) -> tuple[str, float, str]:
    """(grade, relative range, note) of the weaker of chip and software constants."""
    hardware = describe(chip)
    software = catalog.load("trainer", trainer).quantity("error_p90")
    grades = [hardware.evidence, software.evidence]
    worst = max(grades, key=catalog.EVIDENCE.index)
    return worst, max(hardware.relative_range, software.value), hardware.note
