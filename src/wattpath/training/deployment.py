"""Ways to run one training job on clusters of several sizes: what the plan chooses from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from wattpath.hardware import load_server
from wattpath.hardware.power import chip_idle_w
from wattpath.hardware.shortlist import recall, structure
from wattpath.training.energy import step_power
from wattpath.training.goodput import goodput, load_reliability, load_storage
from wattpath.training.host import HostLink, host_link
from wattpath.training.layout import CONTEXT, RECOMPUTE, SCHEDULES, Layout
from wattpath.training.search import UNFIT, Found, Search, Space, again, divisors, search
from wattpath.training.slack import slowed_mean_w
from wattpath.training.steptime import Job, layer_times, step
from wattpath.training.trainer import Trainer, load_trainer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wattpath.hardware import Chip, Server
    from wattpath.levers.settings import TrainingSettings
    from wattpath.models import Shape

#: Layouts of a cluster size that are looked at, those of a shortlist, and those of it that are
#: looked at when they are timed again.
KEEP, SHORT, AGAIN = 10, 32, 2


class TrainingRun(NamedTuple):
    """What a run must train; every field is a float.

    Parameters
    ----------
    tokens
        Tokens of the whole run.
    sequence_tokens
        Length of one sequence [token].
    global_batch_tokens
        Tokens of one step over all chips.
    """

    tokens: float
    sequence_tokens: float
    global_batch_tokens: float


@dataclass(frozen=True, slots=True)
class TrainingPoint:
    """One cluster size with a layout, its speed and its power.

    Attributes
    ----------
    chips : float
        Chips that compute (spares are not counted).
    tp, pp, vpp, cp, ep, dp, micro_batch : float
        Degrees of the layout.
    recompute, schedule : str
        Names of the recomputation mode and the pipeline schedule.
    step_s : float
        Time of one step [s].
    tokens_per_s : float
        Tokens of the plain recipe per second of wall clock, goodput and the levers' token
        factor included.
    goodput : float
        Useful share of the wall clock.
    mfu : float
        Model FLOP (attention over the causal half, head included, nothing repeated) per
        second relative to the chip's dense 16-bit peak.
    mem_bytes_per_chip : float
        Memory of the fullest rank [B].
    chip_idle_w, chip_mean_w, chip_peak_w, chip_trough_w : float
        Chip power without work, mean over a step, while layers run and while waiting [W].
    days : float
        Wall-clock time of the run [day].
    energy_j : float
        Energy of the chips over the run [J] (chip scope).
    label : str
        Short description.
    """

    chips: float
    tp: float
    pp: float
    vpp: float
    cp: float
    ep: float
    dp: float
    micro_batch: float
    recompute: str
    schedule: str
    step_s: float
    tokens_per_s: float
    goodput: float
    mfu: float
    mem_bytes_per_chip: float
    chip_idle_w: float
    chip_mean_w: float
    chip_peak_w: float
    chip_trough_w: float
    days: float
    energy_j: float
    label: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why layouts fell out, how near the nearest came, and how many they were.

    `margin` is in bytes over the memory for "does not fit in memory", else 0.
    """

    reason: str
    margin: float
    count: int


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """The points of all cluster sizes and the refusals.

    Of each size the fastest stays, and of the next fastest those that need less energy.

    `beaten` counts layouts that fit, were timed and are slower; `bounded` those that were ruled
    out before, as their arithmetic alone takes longer.
    """

    points: list[TrainingPoint]
    refused: list[Refusal]
    beaten: int = 0
    bounded: int = 0


def trainer_for(server: Server, settings: TrainingSettings) -> Trainer:
    """The current software for a server's chips, with what the settings change of it."""
    trainer = load_trainer("maxtext-2024" if "tpu" in server.chip_key else "current")
    if settings.overlap > 0.0:
        trainer = trainer._replace(
            tp_overlap=max(trainer.tp_overlap, settings.overlap),
            ep_overlap=max(trainer.ep_overlap, settings.overlap),
            dp_overlap=max(trainer.dp_overlap, settings.overlap),
            pp_overlap=max(trainer.pp_overlap, settings.overlap),
        )
    return trainer


def job_for(
    run: TrainingRun,
    settings: TrainingSettings,
    chips: float = 1.0,
    link: HostLink | None = None,
) -> Job:
    """One step of the run under the settings.

    The batch is rounded (by 3 % at most) to a multiple of a divisor of `chips`, so that it
    can be dealt out evenly.
    """
    link = link or HostLink(0.0, 1.0)
    batch = max(1.0, round(run.global_batch_tokens / run.sequence_tokens))
    unit = max(divisors(chips, max(1.0, batch / 16.0)))
    return Job(
        sequence=run.sequence_tokens,
        batch=max(1.0, round(batch / unit) * unit),
        gemm_bits=settings.gemm_bits,
        dispatch_bytes=min(2.0, settings.comm_bits / 8.0),
        flop_factor=settings.flop_factor,
        power_cap=settings.power_cap,
        host_bytes_s=link.bytes_s,
        host_issue=link.issue_factor,
    )


def candidates(
    shape: Shape,
    run: TrainingRun,
    server: Server,
    settings: TrainingSettings,
    chips: Sequence[float],
) -> TrainingResult:
    """The best layouts of a run on clusters of given sizes.

    Parameters
    ----------
    shape : Shape
        Geometry of the model.
    run : TrainingRun
        Tokens, sequence and batch.
    server : Server
        What the cluster is built of.
    settings : TrainingSettings
        Levers: precision, recomputation, schedule, overlap, search or rule of thumb.
    chips : sequence of float
        Cluster sizes to answer for.

    Notes
    -----
    With `settings.search_layout` 1 every layout is searched; with 0 the layout follows the
    usual rule of thumb: tensor parallelism inside the scale-up domain first (experts: expert
    parallelism first), then as few pipeline stages as fit, one sequence per micro-batch, and
    the recomputation and schedule of the settings. Zero bubble takes part from
    `settings.pipeline` 3, DualPipe from 4. Sizes on which nothing runs give refusals only.
    """
    trainer = trainer_for(server, settings)
    points: list[TrainingPoint] = []
    counts: Counter[str] = Counter()
    margins: dict[str, float] = {}
    beaten = bounded = 0
    for size in chips:
        job = job_for(run, settings, float(size), host_link(server.chip_key))
        best: list[Found] = []
        for result in _searches(shape, run, server, settings, float(size)):
            beaten += result.evaluated - result.refused.get(UNFIT, 0)
            bounded += result.bounded
            for reason, count in result.refused.items():
                counts[reason] += count
                if reason == UNFIT:
                    margins[reason] = min(margins.get(reason, 1e30), result.smallest_excess)
            best = list(result.best)
        points += _worthwhile(
            [
                _point(shape, run, server.chip, trainer, job, settings, found.layout)
                for found in best
            ]
        )
    refused = [Refusal(why, margins.get(why, 0.0), n) for why, n in counts.most_common()]
    return TrainingResult(points, refused, beaten - len(points), bounded)


def _searches(
    shape: Shape, run: TrainingRun, server: Server, settings: TrainingSettings, size: float
) -> Iterator[Search]:
    """The searches of one cluster size, the last one with an answer if there is any.

    Where a shortlist is in force (`wattpath.hardware.shortlist`), its layouts are timed again.
    """
    trainer = trainer_for(server, settings)
    job = job_for(run, settings, size, host_link(server.chip_key))
    find = partial(_shortlist, shape, run, server.key, settings, size)
    known = recall(("training", shape, run[1:], server.key, structure(settings), size), find)
    if known is not None:
        yield again(shape, server.chip, trainer, job, size, known, AGAIN)
        return
    for space in _spaces(shape, server.chip, settings, size):
        result = search(shape, server.chip, trainer, job, size, space, keep=KEEP)
        yield result
        if result.best:
            return


def _shortlist(
    shape: Shape, run: TrainingRun, server: str, settings: TrainingSettings, size: float
) -> tuple[Layout, ...]:
    """The fastest layouts of one cluster size by the catalogue's values."""
    machine = load_server(server)
    trainer = trainer_for(machine, settings)
    job = job_for(run, settings, size, host_link(machine.chip_key))
    for space in _spaces(shape, machine.chip, settings, size):
        result = search(shape, machine.chip, trainer, job, size, space, keep=SHORT)
        if result.best:
            return tuple(found.layout for found in result.best)
    return ()


def _spaces(shape: Shape, chip: Chip, settings: TrainingSettings, chips: float) -> list[Space]:
    """The spaces to try in turn; the first that holds a layout is taken."""
    splits_of = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
    within = tuple(d for d in splits_of if d <= chip.scaleup_domain and chips % d == 0)
    inside = tuple(d for d in within if d <= 8.0)
    schedule = tuple(s for s in (1.0, 3.0, 4.0) if s <= max(1.0, settings.pipeline))
    routed = shape.moe_layers > 0.0
    degrees = divisors(shape.experts, min(chips, 512.0)) if routed else (1.0,)
    if settings.search_layout > 0.5:
        cp = tuple(d for d in (1.0, 2.0, 4.0, 8.0, 16.0) if chips % d == 0)
        return [
            Space(tp=within, cp=cp, ep=degrees, micro_batch=(1.0, 2.0, 4.0, 8.0, 16.0),
                  schedule=schedule, zero=(1.0, 2.0, 3.0), sequence_parallel=(1.0,),
                  context=tuple(CONTEXT.values())),
        ]  # fmt: skip
    wide = sorted({max(d for d in degrees if d <= most) for most in (8.0, 64.0)})
    stages = [pp for pp in (1.0, 2.0, 4.0, 8.0, 16.0, 32.0) if pp <= shape.layers]
    splits = [(tp, pp, ep) for tp in inside for pp in stages for ep in wide]
    splits = [s for s in splits if chips % (s[0] * s[1]) == 0]
    if routed:  # experts are spread before layers are split, and tensors are split last
        splits.sort(key=lambda s: (s[0] * s[1], s[0]))
    else:
        splits = [s for s in splits if s[0] == max(inside) or s[1] == 1.0]
    chunks: tuple[float, ...] = () if settings.pipeline == 2.0 else (1.0,)
    return [
        Space(tp=(tp,), pp=(pp,), vpp=chunks, ep=(ep,), micro_batch=(1.0,),
              recompute=(settings.recompute,), schedule=schedule, zero=(1.0,),
              sequence_parallel=(1.0,))
        for tp, pp, ep in splits
    ]  # fmt: skip


def _worthwhile(points: list[TrainingPoint]) -> list[TrainingPoint]:
    """The fastest, and of the others those that need less energy than every faster one."""
    kept: list[TrainingPoint] = []
    for point in sorted(points, key=lambda own: (-own.tokens_per_s, own.energy_j)):
        if not kept or point.energy_j < kept[-1].energy_j * (1.0 - 1e-9):
            kept.append(point)
    return kept


def checkpoint_bytes(shape: Shape, trainer: Trainer) -> float:
    """What a checkpoint holds: the weights at 16 bits and the optimiser's state [B]."""
    from wattpath.models import parameter_count

    return float(parameter_count(shape).total) * (2.0 + trainer.state_bytes)


def model_flops_per_token(shape: Shape, sequence: float) -> float:
    """Work of one trained token [FLOP]: three passes, attention over the causal half."""
    from wattpath.models.work import forward_flops_per_token

    return 3.0 * float(forward_flops_per_token(shape, 0.5 * sequence))


def _point(
    shape: Shape,
    run: TrainingRun,
    chip: Chip,
    trainer: Trainer,
    job: Job,
    settings: TrainingSettings,
    layout: Layout,
) -> TrainingPoint:
    result = step(shape, chip, trainer, layout, job)
    times = layer_times(shape, chip, trainer, layout, job)
    power = step_power(shape, chip, trainer, layout, job, result, times.dense, times.expert)
    mean_w = slowed_mean_w(shape, chip, layout, job, result, times, power, settings.idle_clock)
    chips = layout.tp * layout.pp * layout.cp * layout.dp
    good = goodput(
        chips, checkpoint_bytes(shape, trainer), load_reliability(), load_storage(),
        downtime_factor=settings.downtime_factor,
    )  # fmt: skip
    raw = job.batch * job.sequence / result.step_s
    rate = raw * good.share / settings.token_factor
    mfu = raw * model_flops_per_token(shape, job.sequence) / (chips * chip.bf16_flops)
    seconds = run.tokens / rate
    return TrainingPoint(
        chips=chips, tp=layout.tp, pp=layout.pp, vpp=layout.vpp, cp=layout.cp, ep=layout.ep,
        dp=layout.dp, micro_batch=layout.micro_batch,
        recompute=_name(RECOMPUTE, layout.recompute), schedule=_schedule(layout),
        step_s=result.step_s, tokens_per_s=rate, goodput=good.share, mfu=mfu,
        mem_bytes_per_chip=result.memory_bytes, chip_idle_w=chip_idle_w(chip),
        chip_mean_w=mean_w, chip_peak_w=power.plateau_w, chip_trough_w=power.trough_w,
        days=seconds / 86400.0, energy_j=seconds * chips * mean_w, label=label(layout),
    )  # fmt: skip


def _name(table: dict[str, float], value: float) -> str:
    return next(name for name, number in table.items() if number == value)


def _schedule(layout: Layout) -> str:
    if layout.schedule == SCHEDULES["1f1b"] and layout.vpp > 1.0:
        return "interleaved"
    return _name(SCHEDULES, layout.schedule)


def label(layout: Layout) -> str:
    """A layout in a few words, such as ``tp8 pp16 dp128 mb1``."""
    names = ("tp", "pp", "vpp", "cp", "ep", "dp")
    degrees = [f"{n}{getattr(layout, n):.0f}" for n in names if getattr(layout, n) > 1.0]
    zero = [f"zero{layout.zero:.0f}"] if layout.zero > 0.0 else []
    kind = [_name(CONTEXT, layout.context)] if layout.cp > 1.0 else []
    if layout.schedule > SCHEDULES["interleaved"]:
        kind.append(_schedule(layout))
    mode = _name(RECOMPUTE, layout.recompute)
    return " ".join([*degrees, *kind, f"mb{layout.micro_batch:.0f}", *zero, f"recompute {mode}"])
