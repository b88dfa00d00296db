"""What a published training run says about itself: model, chip, job, layouts, stack, result.

A row that leaves something open (micro-batch, chunks, recomputation) allows several
layouts; published runs are tuned ones, so the best of them is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from wattpath.errors import WattpathError
from wattpath.hardware import Chip, load_chip, native_bits
from wattpath.models import Shape
from wattpath.training.host import host_link
from wattpath.training.job import Job
from wattpath.training.layout import RECOMPUTE, Layout
from wattpath.validate.stacks import date_of, trainer_name

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Columns a table must have; further ones are read where present.
COLUMNS = (
    "row_id", "source", "model", "layers", "hidden", "heads", "ffn", "vocab", "seq", "chip",
    "n_chips", "tp", "pp", "dp", "micro_batch", "global_batch", "precision", "step_time_s",
)  # fmt: skip

#: Width of matrix products by the first of these words in the row's precision [bit].
_BITS = (("fp4", 4.0), ("fp8", 8.0), ("bf16", 16.0), ("bfloat16", 16.0), ("fp16", 16.0),
         ("float16", 16.0), ("mixed", 16.0), ("amp", 16.0))  # fmt: skip

#: Words for recomputation that sources use -> values of `RECOMPUTE`.
_RECOMPUTE = {
    "none": 0.0, "no": 0.0, "off": 0.0, "false": 0.0, "selective": 1.0, "minimal": 1.0,
    "partial": 1.0, "full": 2.0, "yes": 2.0, "on": 2.0, "true": 2.0,
}  # fmt: skip

#: Rate to the host [B/s] beyond any PCIe link of today: a coherent one.
_COHERENT_BYTES_S = 128e9


class RefusalError(Exception):
    """A row that cannot be answered; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Run:
    """One published run in the planner's own words.

    `options` are the words by which the source names options of its stack, `measured_s` is
    None where the row gives no step time, `memory_bytes` 0 where it gives no memory.
    """

    shape: Shape
    chip: Chip
    n_chips: float
    job: Job
    stack: str
    options: str
    layouts: tuple[Layout, ...]
    measured_s: float | None
    memory_bytes: float


def read_run(row: dict[str, str]) -> Run:
    """A row of the table as numbers.

    Raises
    ------
    RefusalError
        If the row lacks a number or names something unknown.
    UnknownNameError
        If the catalogue has no such chip.
    """
    bits = row_bits(row)
    chip = row_chip(row)
    if native_bits(chip, bits) > bits:
        raise RefusalError(f"the chip has no {bits:g} bit matrix products")
    shape = row_shape(row)
    stack = trainer_name(row)
    link = host_link(row.get("chip_name") or row["chip"])
    job = Job(
        number(row, "seq"), number(row, "global_batch"), bits,
        power_cap=row_power_cap(row, chip), host_bytes_s=link.bytes_s,
        host_issue=link.issue_factor,
    )  # fmt: skip
    return Run(
        shape, chip, number(row, "n_chips"), job, stack,
        f"{row.get('precision', '')} {row.get('notes', '')}".lower(),
        tuple(row_layouts(row, shape, chip, stack, job.host_bytes_s)),
        measured_step_s(row, shape, job), number(row, "mem_gib_per_chip", 0.0) * 2.0**30,
    )  # fmt: skip


def number(row: dict[str, str], column: str, default: float | None = None) -> float:
    """A number of the row, or `default` where the cell holds none.

    Raises
    ------
    RefusalError
        If the cell holds no number and there is no default.
    """
    text = row.get(column, "")
    try:
        return float(text)
    except ValueError:
        if default is None:
            raise RefusalError(f"{column} is not a number") from None
        return default


def row_bits(row: dict[str, str]) -> float:
    """Width of the row's matrix products [bit]."""
    text = row["precision"].lower()
    for word, bits in _BITS:
        if word in text:
            return bits
    known = ", ".join(word for word, _ in _BITS)
    raise RefusalError(f"unknown precision {row['precision']!r}; known words are {known}")


def row_degrees(row: dict[str, str]) -> tuple[float, float, float, float]:
    """(tp, pp, cp, dp) in chips; dp follows from the number of chips where it is not given.

    On chips whose cores are programmed one by one (AWS Neuron) sources count cores: the
    surplus factor is taken out of the tensor-parallel degree.
    """
    tp, pp, cp = (number(row, name, 1.0) for name in ("tp", "pp", "cp"))
    chips = number(row, "n_chips")
    dp = number(row, "dp", 0.0) or max(1.0, chips / (tp * pp * cp))
    cores = tp * pp * cp * dp / chips
    neuron = "trainium" in f"{row['chip']} {row.get('chip_name', '')}".lower()
    if neuron and cores > 1.0 and cores == round(cores) and tp % cores == 0:
        tp /= cores
    return tp, pp, cp, dp


def row_chip(row: dict[str, str]) -> Chip:
    """The row's chip, with the memory, power and network that the row states."""
    chip: Chip | None = None
    for column in ("chip_name", "chip_key", "chip"):
        if row.get(column):
            try:
                chip = load_chip(row[column])
                break
            except WattpathError:
                continue
    if chip is None:
        load_chip(row["chip"])
        raise RefusalError(f"no constants for {row['chip']!r}")
    domain = number(row, "scaleup_domain", chip.scaleup_domain)
    chip = chip._replace(scaleup_domain=domain, **_network(row.get("network", ""), domain))
    near = f"{row['chip']} {row.get('chip_match', '')}"
    if size := re.search(r"(\d+) ?GB", near):
        chip = chip._replace(mem_bytes=float(size[1]) * 1e9)
    return chip


def row_power_cap(row: dict[str, str], chip: Chip) -> float:
    """The row's power limit relative to the chip's own (a part sold with a lower limit)."""
    near = f"{row['chip']} {row.get('chip_match', '')}"
    watts = re.search(r"(\d+) ?W\b", near)
    return min(1.0, float(watts[1]) / chip.tdp_w) if watts else 1.0


def _network(text: str, domain: float) -> dict[str, float]:
    """The scale-out rate per chip [B/s] that a network description states."""
    if found := re.search(r"(\d+)x [\w ]*?(\d+) ?Gbps ?(?:per node|/node)", text):
        return {"scaleout_bytes_s": float(found[1]) * float(found[2]) * 0.125e9 / domain}
    if found := re.search(r"(\d+) ?Gbps ?(?:per node|/node)", text):
        return {"scaleout_bytes_s": float(found[1]) * 0.125e9 / domain}
    if found := re.search(r"(\d+) ?Gbps[\w ]* per GPU", text):
        return {"scaleout_bytes_s": float(found[1]) * 0.125e9}
    if found := re.search(r"[NHX]DR (\d+)G", text):
        return {"scaleout_bytes_s": float(found[1]) * 0.125e9}
    return {}


def row_shape(row: dict[str, str]) -> Shape:
    """The row's geometry; latent attention is taken from the catalogued model."""
    layers, hidden, heads = (number(row, c) for c in ("layers", "hidden", "heads"))
    head_dim = number(row, "head_dim", hidden / heads)
    experts = number(row, "experts", 0.0)
    dense = number(row, "dense_layers", 0.0) if experts > 0.0 else layers
    moe_ffn = number(row, "moe_ffn", number(row, "ffn"))
    gated = number(row, "mlp_matrices", 2.0)
    shape = Shape(
        layers=layers, hidden=hidden, heads=heads, kv_heads=number(row, "kv_heads", heads),
        head_dim=head_dim, v_head_dim=head_dim, q_rank=0.0, kv_rank=0.0, nope_dim=0.0,
        rope_dim=0.0, mlp_matrices=gated, dense_layers=dense, ffn=number(row, "ffn"),
        moe_layers=layers - dense, experts=experts,
        experts_active=number(row, "experts_active", 0.0),
        experts_shared=number(row, "experts_shared", 0.0), moe_ffn=moe_ffn, shared_ffn=moe_ffn,
        full_layers=layers, window_layers=0.0, window=0.0, state_layers=0.0, state_elements=0.0,
        state_params=0.0, vocab=number(row, "vocab"), embeddings=1.0 if gated < 3.0 else 2.0,
        max_context=number(row, "seq"),
    )  # fmt: skip
    return _catalogued(row.get("model_key", ""), shape)


def _catalogued(name: str, shape: Shape) -> Shape:
    """The catalogued geometry of the same model, which also knows latents and windows."""
    if not name:
        return shape
    from wattpath import models

    try:
        known = models.load(name).shape
    except WattpathError:
        return shape
    same = known.layers == shape.layers and known.hidden == shape.hidden
    return known if same else shape


def _sharding(row: dict[str, str], chip: Chip) -> tuple[float, float]:
    """(zero, shard) from the words of the row."""
    text = row.get("sharding", "").lower()
    group = re.search(r"group (\d+)", text)
    shard = float(group[1]) if group else 0.0
    if "inside a slice" in text:
        shard = chip.scaleup_domain / max(1.0, number(row, "tp", 1.0))
    if "grad_op" in text or "zero-2" in text or "zero2" in text:
        return 2.0, shard
    if any(word in text for word in ("fsdp", "hsdp", "zero-3", "zero3", "full_shard")):
        return 3.0, shard
    return (1.0 if any(w in text for w in ("distributed", "zero-1", "zero1")) else 0.0), shard


def _interleaves(row: dict[str, str]) -> bool:
    """Whether a row that does not state its chunks may have several: it says so, is a tuned
    vendor's run, or is later than the time when interleaving became usual.
    """
    text = f"{row.get('notes', '')} {row.get('sharding', '')}".lower()
    return "interleav" in text or "vendor" in row.get("kind", "") or date_of(row)[0] >= 2023


def row_layouts(
    row: dict[str, str], shape: Shape, chip: Chip, name: str, link_bytes_s: float = 0.0
) -> Iterator[Layout]:
    """The layouts that the row allows; more than one where it leaves something open.

    `link_bytes_s` is the chip's rate to host memory; where it is a coherent link, runs that
    do not state their recomputation may keep activations there.
    """
    zero, shard = _sharding(row, chip)
    tp, pp, cp, dp = row_degrees(row)
    words = row.get("recompute", "").lower()
    modes = [_RECOMPUTE[words]] if words in _RECOMPUTE else list(RECOMPUTE.values())
    batches = [number(row, "micro_batch", 0.0)]
    if batches == [0.0]:
        batches = [b for b in (1.0, 2.0, 4.0, 8.0) if number(row, "global_batch") % (b * dp) == 0]
    chunks = [number(row, "vpp", 0.0) or 1.0]
    if not row.get("vpp") and pp > 1.0 and _interleaves(row):
        chunks = [1.0, 2.0, 3.0, 4.0, 5.0]
    parallel = row.get("sequence_parallel", "").lower()
    split = 1.0 if parallel in ("yes", "true", "1") else 0.0
    if not parallel and name != "megatron-2021" and tp > 1.0:
        split = 1.0
    tuned = words not in _RECOMPUTE and link_bytes_s > _COHERENT_BYTES_S
    away = [0.0, 0.25, 0.5, 0.75] if tuned else [0.0]
    for mode, batch, vpp, offload in product(modes, batches, chunks, away):
        yield Layout(
            tp=tp, pp=pp, vpp=vpp, cp=cp, ep=number(row, "ep", 1.0), dp=dp,
            micro_batch=batch, zero=zero, shard=shard, recompute=mode,
            schedule=2.0 if vpp > 1.0 else 1.0, sequence_parallel=split, offload=offload,
        )  # fmt: skip


def measured_step_s(row: dict[str, str], shape: Shape, job: Job) -> float | None:
    """The published step time [s], or the one that the published rate implies."""
    seconds = number(row, "step_time_s", 0.0)
    if seconds > 0.0:
        return seconds
    chips = number(row, "n_chips")
    tokens = job.batch * job.sequence
    rate = number(row, "tokens_per_s_per_chip", 0.0)
    if rate > 0.0:
        return tokens / (rate * chips)
    tflops = number(row, "tflops_per_chip", 0.0)
    if tflops <= 0.0:
        return None
    repeats = 4.0 if "narayanan" in row["source"].lower() else 3.0
    return published_flops(shape, job) * repeats / 3.0 / (tflops * 1e12 * chips)


def published_flops(shape: Shape, job: Job) -> float:
    """FLOP of one step as papers count them: 3 passes, attention over all pairs, head in."""
    width = shape.heads * shape.head_dim * 2.0 + 2.0 * shape.kv_heads * shape.head_dim
    active = shape.layers * shape.hidden * width
    active += shape.dense_layers * shape.mlp_matrices * shape.hidden * shape.ffn
    inner = shape.experts_active * shape.moe_ffn + shape.experts_shared * shape.shared_ffn
    active += shape.moe_layers * shape.mlp_matrices * shape.hidden * inner
    pairs = shape.layers * shape.heads * shape.head_dim * 2.0 * job.sequence
    head = shape.hidden * shape.vocab
    return 6.0 * job.batch * job.sequence * (active + pairs + head)
