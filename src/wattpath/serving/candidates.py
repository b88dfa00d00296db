"""Enumerate deployments of a model on a server: which units keep the service level."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from wattpath.hardware.chip import Chip
from wattpath.hardware.power import cap_slowdown, chip_idle_w, chip_power_w, format_shares
from wattpath.hardware.server import Server
from wattpath.levers.attention import attended
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.models.shrink import shrink
from wattpath.serving import layout as layouts
from wattpath.serving.engine import DEFAULT_ENGINE, Engine, load_engine
from wattpath.serving.layout import Layout
from wattpath.serving.memory import (
    free_kv_bytes,
    kv_bytes_chip,
    weight_bytes_chip,
    workspace_bytes_chip,
)
from wattpath.serving.pairs import front_units, pooled_shares, pooled_w
from wattpath.serving.recalled import worth_trying
from wattpath.serving.result import Refusal, ServingPoint, ServingResult, front, packed_front
from wattpath.serving.scan import Found, FoundPool, scan_aggregated, scan_decode, scan_prefill
from wattpath.serving.traffic import Traffic, check_traffic

#: Largest unit that is enumerated [chip].
MOST_CHIPS = 128.0
#: Most workers of one kind in a disaggregated unit.
MOST_WORKERS = 8

#: What a search of one layout finds, and a worker: layout, largest load and core clock.
Scan = TypeVar("Scan", Found, FoundPool)
Worker = tuple[Layout, FoundPool, float]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one enumeration holds fixed."""

    chip: Chip
    shape: Shape
    settings: ServingSettings
    engine: Engine
    traffic: Traffic
    server_chips: float


@dataclass(frozen=True, slots=True)
class Reachable:
    """The shortest times that any layout reaches with hardly any load."""

    ttft_s: float
    tpot_s: float
    ttft_label: str
    tpot_label: str


def candidates(
    shape: Shape,
    server: Server,
    settings: ServingSettings,
    traffic: Traffic,
    engine: str = DEFAULT_ENGINE,
    *,
    whole_servers: bool = False,
) -> ServingResult:
    """Units of a model on a server's chips that keep a service level.

    For each layout the largest load is searched at which the percentiles of TTFT and TPOT
    stay within the traffic's limits and the KV cache fits. Looser limits never give less.

    Parameters
    ----------
    shape : Shape
        The model.
    server : Server
        Gives chip, scale-up domain and chips per box.
    settings : ServingSettings
        Software terms; `disaggregated` = 1 asks for separate prefill and decode workers.
    traffic : Traffic
        Lengths and limits.
    engine : str, optional
        Catalogue name of the engine generation.
    whole_servers : bool, optional
        Whether units are compared by the whole servers that they take, as who buys these does.

    Returns
    -------
    ServingResult
        The front over chips per unit, capacity and energy, and the refusals with margins.
        Capacity counts requests asked: those that `request_factor` keeps away cost nothing.

    Raises
    ------
    InputError
        If the traffic cannot exist or the engine is unknown.
    """
    case = build_case(shape, server, settings, traffic, engine)
    asked = shape, server, settings, traffic, engine, whole_servers
    options = worth_trying(list(enumerate_layouts(case)), candidates, *asked)
    fitting, refused = _split_by_memory(case, options)
    if settings.disaggregated >= 0.5:
        points, more, rated = _disaggregated(case, fitting, whole_servers)
    else:
        points, more = _aggregated(case, fitting)
        rated = len(points)
    kept = packed_front(points, case.server_chips) if whole_servers else front(points)
    refused = refused + more
    return ServingResult(kept, refused, rated + sum(row.count for row in refused))


def best_reachable(
    shape: Shape,
    server: Server,
    settings: ServingSettings,
    traffic: Traffic,
    engine: str = DEFAULT_ENGINE,
) -> Reachable:
    """The shortest TTFT and TPOT percentiles of any layout that fits; infinite where none."""
    case = build_case(shape, server, settings, traffic, engine)
    fitting, _ = _split_by_memory(case, list(enumerate_layouts(case)))
    ttft, tpot = (math.inf, "none"), (math.inf, "none")
    for layout in fitting:
        least = scan_aggregated(*_arguments(case, layout)).least
        ttft = min(ttft, (least.ttft_tail_s, layouts.label(layout)))
        tpot = min(tpot, (least.tpot_tail_s, layouts.label(layout)))
    return Reachable(ttft[0], tpot[0], ttft[1], tpot[1])


def build_case(
    shape: Shape, server: Server, settings: ServingSettings, traffic: Traffic, engine: str
) -> Case:
    """Check the traffic, change the model as the settings say, and gather the case."""
    check_traffic(traffic)
    floats = Traffic(*(float(value) for value in traffic))
    chosen = ServingSettings(*(float(value) for value in settings))
    pruned = shape
    if chosen.width_factor != 1.0 or chosen.depth_factor != 1.0:
        pruned = shrink(shape, chosen.width_factor, chosen.depth_factor)
    pruned = Shape(*(float(value) for value in attended(pruned, chosen)))
    return Case(server.chip, pruned, chosen, load_engine(engine), floats, float(server.chips))


def enumerate_layouts(case: Case) -> Iterator[Layout]:
    """Layouts worth trying: tp in powers of two within the scale-up domain, stages over
    whole servers, and for mixtures of experts attention data parallelism with experts over
    all chips.
    """
    shape, domain = case.shape, case.chip.scaleup_domain
    box = 2.0 ** math.floor(math.log2(max(1.0, case.server_chips)))
    tp = 1.0
    while tp <= min(max(domain, 1.0), 64.0, shape.heads):
        yield Layout(tp)
        if shape.moe_layers > 0.0 and tp > 1.0:
            yield Layout(tp, ep=tp)
        if tp == min(box, domain):
            for pp in (2.0, 4.0, 8.0, 16.0):
                if tp * pp <= MOST_CHIPS and pp <= shape.layers:
                    yield Layout(tp, pp)
        if shape.moe_layers > 0.0:
            dp = 2.0
            while tp * dp <= min(MOST_CHIPS, shape.experts):
                yield Layout(tp, 1.0, dp, tp * dp)
                dp *= 2.0
        tp *= 2.0


def _arguments(
    case: Case, layout: Layout, clock: float = 1.0
) -> tuple[Chip, Shape, Layout, ServingSettings, Engine, Traffic]:
    chip = clocked(case.chip, clock)
    return chip, case.shape, layout, case.settings, case.engine, case.traffic


def clocked(chip: Chip, clock: float) -> Chip:
    """The chip with its core clock at a share of the usual one; memory and links unchanged."""
    if clock == 1.0:
        return chip
    rates = ("bf16_flops", "fp8_flops", "fp4_flops", "int8_flops", "vector_flops")
    return chip._replace(**{name: getattr(chip, name) * clock for name in rates})


def capped_clock(case: Case, shares: tuple[float, float], clock: float) -> float:
    """Clock at which work of these shares of the peaks keeps the power cap, at most `clock`."""
    if case.settings.power_cap >= 1.0:
        return clock
    formats = case.settings.weight_bits, case.settings.act_bits
    seen = format_shares(case.chip, *formats, *shares)
    return min(clock, 1.0 / cap_slowdown(case.chip, case.settings.power_cap, *seen))


def at_clock(
    case: Case, scan: Callable[..., Scan], layout: Layout, clock: float
) -> tuple[Scan, float]:
    """The largest load of a layout, and the core clock that locks and caps leave it."""
    found = scan(*_arguments(case, layout, clock))
    shares = found.state.compute_share, found.state.memory_share
    slower = capped_clock(case, shares, clock) if found.feasible > 0.0 else clock
    if slower < clock:
        found = scan(*_arguments(case, layout, slower))
    return found, slower


def _split_by_memory(case: Case, options: list[Layout]) -> tuple[list[Layout], list[Refusal]]:
    """Layouts in which the weights and one sequence fit, and the refusal of the others."""
    context = case.traffic.input_tokens + case.engine.kv_reserve * case.traffic.output_tokens
    usable = case.chip.mem_bytes * case.engine.memory_utilisation
    usable -= workspace_bytes_chip(case.chip, case.engine)
    fitting, over = [], []
    for layout in options:
        free = free_kv_bytes(case.chip, case.shape, layout, case.settings, case.engine)
        lacking = kv_bytes_chip(case.shape, layout, case.settings, context) - free
        if lacking <= 0.0:
            fitting.append(layout)
        else:
            over.append((lacking, layouts.label(layout)))
    if not over:
        return fitting, []
    lacking, name = min(over)
    text = (
        f"{len(over)} layouts do not fit in memory; the nearest, {name}, "
        f"lacks {lacking / 1e9:.1f} GB per chip."
    )
    return fitting, [Refusal("memory", lacking / usable, len(over), lacking, text)]


def _late(limit: str, values: list[tuple[float, str]], allowed: float) -> list[Refusal]:
    """The refusal of layouts that miss a time limit even with hardly any load."""
    if not values:
        return []
    best, name = min(values)
    text = (
        f"{len(values)} layouts miss the {limit.upper()} limit of {allowed:.4g} s; the best "
        f"of them, {name}, reaches {best:.4g} s with hardly any load."
    )
    return [Refusal(limit, best / allowed - 1.0, len(values), best, text)]


def _aggregated(case: Case, fitting: list[Layout]) -> tuple[list[ServingPoint], list[Refusal]]:
    points: list[ServingPoint] = []
    ttft: list[tuple[float, str]] = []
    tpot: list[tuple[float, str]] = []
    crowded: list[tuple[float, str]] = []
    for layout in fitting:
        found, clock = at_clock(case, scan_aggregated, layout, case.settings.decode_clock)
        name, least = layouts.label(layout), found.least
        if found.feasible > 0.0:
            state = found.state
            shares = state.compute_share, state.memory_share
            times = state.requests_per_s, state.ttft_tail_s, state.tpot_tail_s
            points.append(_point(case, layout, found.sequences, times, shares, clock))
        elif least.tpot_tail_s > case.traffic.tpot_s:
            tpot.append((least.tpot_tail_s, name))
        elif least.ttft_tail_s > case.traffic.ttft_s:
            ttft.append((least.ttft_tail_s, name))
        else:
            crowded.append((1.0, name))
    refused = _late("tpot", tpot, case.traffic.tpot_s) + _late("ttft", ttft, case.traffic.ttft_s)
    if crowded:
        text = f"{len(crowded)} layouts hold too few sequences to queue at this percentile."
        refused.append(Refusal("memory", 0.0, len(crowded), 0.0, text))
    return points, refused


def _point(
    case: Case,
    layout: Layout,
    sequences: float,
    times: tuple[float, float, float],
    shares: tuple[float, float],
    clock: float,
) -> ServingPoint:
    context = case.traffic.input_tokens + case.engine.kv_reserve * case.traffic.output_tokens
    held = weight_bytes_chip(case.shape, layout, case.settings)
    held += sequences * kv_bytes_chip(case.shape, layout, case.settings, context)
    return ServingPoint(
        label=layouts.label(layout),
        tp=layout.tp,
        ep=layout.ep,
        dp=layout.dp,
        pp=layout.pp,
        chips=layouts.chips(layout),
        prefill_chips=0.0,
        decode_chips=0.0,
        batch=sequences * layout.dp,
        requests_per_s=times[0] / case.settings.request_factor,
        ttft_s=times[1],
        tpot_s=times[2],
        chip_idle_w=chip_idle_w(case.chip),
        chip_full_w=chip_watts(case, shares, clock),
        mem_bytes_per_chip=held + workspace_bytes_chip(case.chip, case.engine),
        compute_share=shares[0] * clock,
        memory_share=shares[1],
    )


def chip_watts(case: Case, shares: tuple[float, float], clock: float) -> float:
    """Chip power [W] at these shares of the clocked peaks, in the case's number formats."""
    formats = case.settings.weight_bits, case.settings.act_bits
    seen = format_shares(case.chip, *formats, shares[0] * clock, shares[1])
    return float(chip_power_w(case.chip, *seen, case.settings.power_cap, clock))


def _disaggregated(
    case: Case, fitting: list[Layout], whole_servers: bool
) -> tuple[list[ServingPoint], list[Refusal], int]:
    """Units of prefill and decode workers, the refusal of workers, and how many units there are."""
    prefill: list[Worker] = []
    decode: list[Worker] = []
    late: dict[str, list[tuple[float, str]]] = {"tpot": [], "ttft": []}
    crowded = 0
    for layout in fitting:
        name = layouts.label(layout)
        first = at_clock(case, scan_prefill, layout, 1.0)
        then = at_clock(case, scan_decode, layout, case.settings.decode_clock)
        limits = ("ttft", first, prefill), ("tpot", then, decode)
        for limit, (found, clock), workers in limits:
            if found.feasible > 0.0:
                workers.append((layout, found, clock))
            elif found.least.tail_s > getattr(case.traffic, f"{limit}_s"):
                late[limit].append((found.least.tail_s, name))
            else:
                crowded += 1
    refused = _late("tpot", late["tpot"], case.traffic.tpot_s)
    refused += _late("ttft", late["ttft"], case.traffic.ttft_s)
    if crowded:
        text = f"{crowded} workers hold too few sequences to queue at this percentile."
        refused.append(Refusal("memory", 0.0, crowded, 0.0, text))
    if not prefill or not decode:
        return [], refused, 0
    first_table, then_table = (
        np.array([_worker(*own) for own in pool]) for pool in (prefill, decode)
    )
    most = MOST_WORKERS, 2.0 * MOST_CHIPS
    units, count = front_units(
        case.chip, case.settings, first_table, then_table, case.server_chips, *most, whole_servers
    )
    points = [
        _split_point(case, prefill[int(u[0])], decode[int(u[1])], int(u[2]), int(u[3]))
        for u in units
    ]
    return points, refused, count


def _worker(
    layout: Layout, found: FoundPool, clock: float
) -> tuple[float, float, float, float, float]:
    """Chips, requests/s, shares and core clock of one worker."""
    state = found.state
    shares = state.compute_share, state.memory_share
    return layouts.chips(layout), state.requests_per_s, *shares, clock


def _split_point(
    case: Case,
    before: Worker,
    after: Worker,
    many: int,
    few: int,
) -> ServingPoint:
    """One unit of prefill and decode workers, its power averaged over the chips."""
    first, then = np.array(_worker(*before)), np.array(_worker(*after))
    rate = min(many * first[1], few * then[1])
    prefill_chips, decode_chips = float(many * first[0]), float(few * then[0])
    total = prefill_chips + decode_chips
    shares_p = pooled_shares(first, rate / (many * first[1]))
    shares_d = pooled_shares(then, rate / (few * then[1]))
    watts = prefill_chips * pooled_w(case.chip, case.settings, shares_p, before[2])
    watts += decode_chips * pooled_w(case.chip, case.settings, shares_d, after[2])
    times = rate, before[1].state.tail_s, after[1].state.tail_s
    base = _point(case, after[0], after[1].amount, times, shares_d, after[2])  # per request asked
    parts = zip(shares_p, shares_d, strict=True)
    mean = [float(p * prefill_chips + d * decode_chips) / total for p, d in parts]
    return replace(
        base,
        label=f"{many} x {layouts.label(before[0])} + {few} x {base.label}",
        chips=total,
        prefill_chips=prefill_chips,
        decode_chips=decode_chips,
        batch=base.batch * few,
        chip_full_w=float(watts / total),
        compute_share=mean[0],
        memory_share=mean[1],
    )
