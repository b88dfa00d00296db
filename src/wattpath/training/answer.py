"""The whole answer to "train this model on these chips": what the command prints.

One layout given, or the best of a search, with its time by cause, its memory by use, its
power, its goodput, the other layouts worth knowing, and why the rest fell out.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from wattpath.hardware.server import cheapest_server
from wattpath.training.case import Case, case_for
from wattpath.training.clusterpower import ClusterPower, cluster_power
from wattpath.training.deployment import checkpoint_bytes, label, model_flops_per_token
from wattpath.training.energy import StepPower
from wattpath.training.goodput import Goodput, component_shares, goodput, load_storage, scaled
from wattpath.training.layout import CONTEXT, SCHEDULES, Layout, microbatches, stage_layers
from wattpath.training.memory import Memory, layer_bytes, rank_memory
from wattpath.training.network import stage_s
from wattpath.training.picture import timeline_rows
from wattpath.training.schedule import simulate
from wattpath.training.search import Search, Space, search
from wattpath.training.sites import SitesResult, load_sync, several_sites
from wattpath.training.sizing import ClusterExtras, cluster_extras
from wattpath.training.steptime import layer_times

if TYPE_CHECKING:
    from collections.abc import Callable

    from wattpath.training.steptime import Step


@dataclass(frozen=True, slots=True)
class Candidate:
    """One layout of the answer: name, step time [s], memory [B], chip energy of a step [J].

    `low_s` and `high_s` are the range of the step time, `evidence` is its grade and `gaps`
    what no published run has tested (see `wattpath.training.evidence`).
    """

    label: str
    layout: Layout
    step_s: float
    memory_bytes: float
    energy_j: float
    low_s: float
    high_s: float
    evidence: str
    gaps: tuple[str, ...]


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
    evidence, note : str
        Grade of the chosen layout, the published runs that come nearest, and what weakens
        the chip's constants.
    refused : dict of str to int
        Reasons of the layouts that fell out, with counts.
    evaluated, bounded : int
        Layouts of the search that were timed in full, and that a bound ruled out.
    relative_range : float
        Range to expect on the step time, as a fraction of it (the larger side).
    chosen : Candidate or None
        The layout answered for; the best of the search where none was given.
    parts_s : dict of str to float
        Seconds of a step by cause; they add up to the step of one site.
    memory : Memory or None
        Bytes of the fullest rank by use.
    memory_capacity_bytes : float
        Memory of a chip [B].
    power : StepPower or None
        Chip power over the step.
    cluster : ClusterPower or None
        Power of servers and cluster; None where no server with the chip has a price.
    goodput : Goodput or None
        Stops, checkpoints and the useful share of the clock.
    extras : ClusterExtras or None
        Storage and network, sized and priced.
    sites : SitesResult or None
        What several sites make of the step.
    tokens_per_s, mfu, days, energy_j : float
        Rate with goodput; model FLOP over the 16-bit peak; length and chip energy of the
        run (0 where its tokens are not given).
    top, front : tuple of Candidate
        The ten fastest, and those that none beats in time, memory and energy at once.
    pipeline : tuple of str
        One line per pipeline stage: what it does over one step of a few micro-batches (see
        `wattpath.training.picture.timeline_rows`); empty without a pipeline.
    """

    model: str
    chip: str
    trainer: str
    feasible: bool
    reason: str
    evidence: str
    note: str
    refused: dict[str, int]
    evaluated: int = 0
    bounded: int = 0
    relative_range: float = 0.0
    chosen: Candidate | None = None
    parts_s: dict[str, float] = field(default_factory=dict)
    memory: Memory | None = None
    memory_capacity_bytes: float = 0.0
    power: StepPower | None = None
    cluster: ClusterPower | None = None
    goodput: Goodput | None = None
    extras: ClusterExtras | None = None
    sites: SitesResult | None = None
    tokens_per_s: float = 0.0
    mfu: float = 0.0
    days: float = 0.0
    energy_j: float = 0.0
    top: tuple[Candidate, ...] = ()
    front: tuple[Candidate, ...] = ()
    pipeline: tuple[str, ...] = ()

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
    storage: str = "usual",
    sites: int = 1,
    wan_bytes_s: float = 0.0,
    sync: str = "synchronous",
    report: Callable[[float], None] | None = None,
) -> TrainingAnswer:
    """Answer for a model on a number of chips, for one layout or the best.

    Parameters
    ----------
    model, chip, trainer : str
        Names of the catalogue; the model may be a configuration file (``config.json``).
    chips : float
        Chips that compute, on all sites.
    layout : Layout, optional
        The spread on one site to answer for; None searches `space` (all by default).
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
    storage : str
        Unit of the system that checkpoints go to; as many are taken as the job needs.
    sites, wan_bytes_s, sync : int, float, str
        Sites that share the chips evenly, the rate out of each [B/s], and how they keep in
        step (a name of the catalogue kind ``sitesync``).
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
    InputError
        If chips or batch do not divide by the sites, or these have no network.
    """
    case = case_for(
        model, chip, chips, sequence=sequence, batch=batch, bits=bits, trainer=trainer,
        power_cap=power_cap, fabric=fabric, oversubscription=oversubscription, domain=domain,
        sites=sites,
    )  # fmt: skip
    if layout is None:
        answer, layout = _searched(case, space, report)
    else:
        layout = Layout(*(float(x) for x in layout))
        answer = _nothing(case, case.why_not(layout), {})
    if answer.reason or layout is None:
        return answer
    result = case.step(layout)
    answer = _described(case, answer, layout, result)
    pause = _several(case, result, sites, wan_bytes_s, sync)
    answer = _surrounded(case, answer, chip, chips, fabric, oversubscription, storage)
    return _run(case, answer, result, pause, sites, tokens, storage)


def _nothing(case: Case, reason: str, refused: dict[str, int]) -> TrainingAnswer:
    """An answer without a layout yet: feasible if there is no reason against it."""
    note = ". ".join(part for part in (f"Nearest: {case.known.nearest}", case.note) if part)
    return TrainingAnswer(
        case.model, case.chip_name, case.trainer_name, not reason, reason, "estimate", note, refused
    )


def _searched(
    case: Case, space: Space | None, report: Callable[[float], None] | None
) -> tuple[TrainingAnswer, Layout | None]:
    """The search's lists and the best layout, or the reason why there is none."""
    room = space or Space(cp=(1.0, 2.0, 4.0, 8.0), context=tuple(CONTEXT.values()))
    found = search(
        case.shape, case.chip, case.trainer, case.job, case.chips, room, front=32, report=report
    )
    if not found.best:
        return _nothing(case, _why_nothing(found), found.refused), None
    answer = replace(
        _nothing(case, "", found.refused),
        evaluated=found.evaluated,
        bounded=found.bounded,
        top=tuple(candidate(case, item.layout) for item in found.best),
        front=undominated(tuple(candidate(case, item.layout) for item in found.front)),
    )
    return answer, found.best[0].layout


def _why_nothing(found: Search) -> str:
    if "does not fit in memory" in found.refused:
        over = found.smallest_excess / 2**30
        return f"no layout fits in memory; the nearest is {over:.3g} GiB over"
    return "no layout is valid: " + "; ".join(found.refused)


def candidate(case: Case, layout: Layout) -> Candidate:
    """A layout with its step, its energy and what stands behind it."""
    result = case.step(layout)
    energy = case.power(layout, result).mean_w * result.step_s * case.chips
    known = case.evidence(layout, result)
    return Candidate(
        label(layout), layout, result.step_s, result.memory_bytes, energy,
        known.low_s, known.high_s, known.grade, known.gaps,
    )  # fmt: skip


def _described(case: Case, answer: TrainingAnswer, layout: Layout, result: Step) -> TrainingAnswer:
    """The answer with time, memory and power of the chosen layout."""
    chosen = candidate(case, layout)
    part = layer_bytes(case.shape, case.trainer, layout, case.job.sequence)
    count = microbatches(layout, case.job.batch)
    parts = {k: v for k, v in result._asdict().items() if k.endswith("_s") and k != "step_s"}
    return replace(
        answer,
        chosen=chosen,
        evidence=chosen.evidence,
        relative_range=max(chosen.high_s / chosen.step_s - 1.0, 1.0 - chosen.low_s / chosen.step_s),
        parts_s=parts,
        memory=rank_memory(case.shape, case.trainer, layout, part, case.job.sequence, count),
        memory_capacity_bytes=case.chip.mem_bytes,
        power=case.power(layout, result),
        pipeline=pipeline_rows(case, layout),
    )


def _several(
    case: Case, result: Step, sites: int, wan_bytes_s: float, sync: str
) -> SitesResult | None:
    """The step over several sites; None for one."""
    if sites == 1:
        return None
    from wattpath.models import parameter_count

    weights = float(parameter_count(case.shape).total)
    return several_sites(result.step_s, weights, sites, wan_bytes_s, load_sync(sync, "sync"))


def _run(
    case: Case,
    answer: TrainingAnswer,
    result: Step,
    pause: SitesResult | None,
    sites: int,
    tokens: float,
    storage: str,
) -> TrainingAnswer:
    """The answer with goodput, rate, length and energy of the run."""
    chips = case.chips * sites
    state = checkpoint_bytes(case.shape, case.trainer)
    extras, power = answer.extras, answer.power
    assert extras is not None
    assert power is not None
    held = scaled(load_storage(storage), extras.storage_units)
    useful = goodput(chips, state, storage=held, shares=component_shares())
    wide = 1.0 if pause is None else pause.efficiency
    raw = sites * case.job.batch * case.job.sequence / result.step_s * wide
    rate = raw * useful.share
    seconds = tokens / rate
    flops = model_flops_per_token(case.shape, case.job.sequence)
    return replace(
        answer,
        goodput=useful,
        sites=pause,
        tokens_per_s=rate,
        mfu=raw * flops / (chips * case.chip.bf16_flops),
        days=seconds / 86400.0,
        energy_j=seconds * chips * power.mean_w,
    )


def _surrounded(
    case: Case,
    answer: TrainingAnswer,
    chip: str,
    chips: float,
    fabric: str,
    oversubscription: float,
    storage: str,
) -> TrainingAnswer:
    """The answer with storage, network and servers."""
    power, server = answer.power, cheapest_server(chip)
    assert power is not None
    extras = cluster_extras(
        chips, checkpoint_bytes(case.shape, case.trainer), storage=load_storage(storage),
        fabric=fabric or _usual_network(chip), oversubscription=oversubscription,
    )  # fmt: skip
    cluster = None if server is None else cluster_power(server, chips, power)
    return replace(answer, extras=extras, cluster=cluster)


def _usual_network(chip: str) -> str:
    """Key of the scale-out fabric that servers with this chip usually have."""
    from wattpath import catalog

    key = catalog.load("chip", chip, "chip").key
    for entry in catalog.entries("server"):
        if entry.text("chip") == key and entry.text("scaleout_fabric"):
            return entry.text("scaleout_fabric")
    return "infiniband-ndr"


def pipeline_rows(case: Case, layout: Layout) -> tuple[str, ...]:
    """The layout's schedule played with twice as many micro-batches as stages, as text."""
    stages, chunks = round(layout.pp), round(layout.vpp)
    if stages < 2 or stages > 32:
        return ()
    name = next(key for key, code in SCHEDULES.items() if code == layout.schedule)
    if name == "1f1b" and chunks > 1:
        name = "interleaved"
    if name == "zero-bubble" and chunks > 1:  # played with whole stages
        chunks = 1
    times = layer_times(case.shape, case.chip, case.trainer, layout, case.job)
    layers = stage_layers(case.shape, layout) / chunks
    played = simulate(
        name, stages, 2 * stages, layers * times.forward_s,
        layers * (times.backward_s + times.recompute_s), layers * times.weight_s,
        chunks=chunks, send_s=stage_s(case.shape, case.chip, layout, case.job.sequence),
    )  # fmt: skip
    return tuple(timeline_rows(played))


def undominated(items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Those that no other beats in time, memory and energy at once."""

    def beats(a: Candidate, b: Candidate) -> bool:
        x = (a.step_s, a.memory_bytes, a.energy_j)
        y = (b.step_s, b.memory_bytes, b.energy_j)
        return x != y and all(i <= j for i, j in zip(x, y, strict=True))

    return tuple(b for b in items if not any(beats(a, b) for a in items))
