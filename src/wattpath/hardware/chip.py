"""A chip as the kernels see it: peaks from the catalogue, efficiencies of its family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from wattpath import catalog
from wattpath.errors import InputError

#: How the chips of a scale-up domain are wired, as the number that the kernels read.
TOPOLOGIES = {"switch": 0.0, "mesh": 1.0, "torus-2d": 2.0, "torus-3d": 3.0, "bus": 4.0}

#: Vector over 16-bit matrix rate of a chip whose vector rate is not published.
VECTOR_SHARE = 1.0 / 16.0


class Chip(NamedTuple):
    """One accelerator in SI floats. A rate of zero means: not supported.

    The first block is the chip's own data sheet; a vector rate that is not published is taken
    as a sixteenth of the 16-bit matrix peak, as of early data-centre parts. The fields from
    `oversubscription` to `detour` are the scale-out fabric's (see
    `wattpath.hardware.scaleout`); a chip on no stated fabric has one tier that carries every
    port's full rate. The rest are the calibrated constants of the chip's family (see
    ``catalog/schema/efficiency.csv``).
    """

    bf16_flops: float
    fp8_flops: float
    fp4_flops: float
    int8_flops: float
    vector_flops: float
    mem_bytes: float
    bandwidth_bytes_s: float
    sram_bytes: float
    scaleup_bytes_s: float
    scaleup_domain: float
    scaleout_bytes_s: float
    tdp_w: float
    topology: float
    oversubscription: float
    leaf_chips: float
    leaf_hop_s: float
    group_chips: float
    group_taper: float
    group_hop_s: float
    detour: float
    units: float
    gemm_eff_16: float
    gemm_eff_8: float
    gemm_eff_4: float
    memory_eff: float
    write_cost: float
    launch_s: float
    eager_s: float
    convert_8_s: float
    convert_4_s: float
    convert_8_bytes: float
    convert_4_bytes: float
    tile_m: float
    tile_n: float
    k_start: float
    split_16: float
    split_8: float
    split_4: float
    fill_sharpness: float
    grouped_s: float
    grouped_eff: float
    grouped_tile_m: float
    grouped_tile_n: float
    grouped_row_bytes: float
    few_s: float
    few_tile: float
    grouped_block_eff: float
    expert_skew: float
    attention_eff: float
    attention_eff_8: float
    softmax_flops: float
    attention_s: float
    attention_tile: float
    attention_keys: float
    decode_s: float
    decode_memory_eff: float
    decode_split: float
    decode_reduce_s: float
    decode_item_s: float
    decode_item_bits: float
    decode_item_group: float
    decode_rows: float
    collective_s: float
    scaleup_step_s: float
    alltoall_step_s: float
    scaleup_eff: float
    copy_eff: float
    fill_s: float
    fill_bytes: float
    bus_sharing: float
    fused_s: float
    fused_step_s: float
    fused_eff: float
    fused_fill_s: float
    fused_fill_bytes: float
    scaleout_eff: float
    scaleout_step_s: float
    network_step_s: float
    expert_low_s: float
    expert_high_s: float
    expert_low_eff: float
    expert_high_eff: float
    expert_scaleout_eff: float
    idle_share: float
    idle_clocked: float
    active_share: float
    compute_power: float
    memory_power: float
    memory_clocked: float
    unpack_power: float
    narrow_power: float
    narrow_arithmetic: float
    cache_power: float
    clock_exponent: float
    voltage_floor: float


#: Fields of `Chip` that the chip's own entry gives: field -> attribute.
CHIP_FIELDS = {
    "bf16_flops": "bf16_flops",
    "fp8_flops": "fp8_flops",
    "fp4_flops": "fp4_flops",
    "int8_flops": "int8_ops",
    "vector_flops": "fp32_flops",
    "mem_bytes": "mem_bytes",
    "bandwidth_bytes_s": "bandwidth_bytes_s",
    "sram_bytes": "sram_bytes",
    "scaleup_bytes_s": "scaleup_bytes_s",
    "scaleup_domain": "scaleup_domain",
    "scaleout_bytes_s": "scaleout_bytes_s",
    "tdp_w": "tdp_w",
}

#: Fields of `Chip` that its scale-out fabric gives, as of a network of one full tier.
FABRIC_FIELDS = {
    "oversubscription": 1.0,
    "leaf_chips": 0.0,
    "leaf_hop_s": 0.0,
    "group_chips": 0.0,
    "group_taper": 1.0,
    "group_hop_s": 0.0,
    "detour": 1.0,
}

_FAMILY_FIELDS = tuple(
    field
    for field in Chip._fields
    if field not in CHIP_FIELDS and field not in FABRIC_FIELDS and field != "topology"
)


@dataclass(frozen=True, slots=True)
class ChipEvidence:
    """What stands behind a chip's times: the family, the grade and the range to expect.

    `relative_range` is the half-width of the range of a kernel's time as a fraction of it.
    """

    name: str
    family: str
    evidence: str
    relative_range: float
    note: str


def load_chip(name: str, path: str = "chip") -> Chip:
    """The chip with this key, name or alias, with its family's constants.

    Parameters
    ----------
    name : str
        Such as ``H100``.
    path : str, optional
        Where the name was given, for the error message.

    Raises
    ------
    UnknownNameError
        If the catalogue has no such chip.
    InputError
        If no matrix peak or memory bandwidth is published for it.
    """
    entry = catalog.load("chip", name, path)
    family = _family(entry)
    values = {field: entry.get(source) or 0.0 for field, source in CHIP_FIELDS.items()}
    if values["bf16_flops"] <= 0.0:  # older parts have FP16 matrix units only
        values["bf16_flops"] = entry.get("fp16_flops") or 0.0
    if values["vector_flops"] <= 0.0:
        values["vector_flops"] = values["bf16_flops"] * VECTOR_SHARE
    values["scaleup_domain"] = max(1.0, values["scaleup_domain"])
    for field in ("bf16_flops", "mem_bytes", "bandwidth_bytes_s", "tdp_w"):
        if values[field] <= 0.0:
            raise InputError(
                path,
                f"name a chip whose {field} is published",
                name,
                f"`wattpath catalog chip {entry.key}` shows what is known of it.",
            )
    values |= {field: family.si(field) for field in _FAMILY_FIELDS}
    return Chip(topology=TOPOLOGIES[family.text("topology")], **FABRIC_FIELDS, **values)


#: Constants that carry most of the time of most work; the weakest of them grades a family.
_LEADING = ("gemm_eff_16", "memory_eff", "softmax_flops", "decode_memory_eff", "scaleup_eff")


def native_bits(chip: Chip, bits: float) -> float:
    """The width [bit] of matrix products that the chip really uses where this one is asked."""
    if bits <= 4.0 and chip.fp4_flops > 0.0:
        return 4.0
    if bits <= 8.0 and chip.fp8_flops > 0.0:
        return 8.0
    return 16.0


def describe(name: str, path: str = "chip") -> ChipEvidence:
    """Say which family's constants a chip uses and how far they can be trusted.

    The grade is the weakest of the leading constants, the range the widest.

    Raises
    ------
    UnknownNameError
        If the catalogue has no such chip.
    """
    entry = catalog.load("chip", name, path)
    family = _family(entry)
    leading = [family.quantity(constant) for constant in _LEADING]
    weakest = max(leading, key=lambda q: catalog.EVIDENCE.index(q.evidence))
    spread = max(max(q.high / q.value - 1.0, 1.0 - q.low / q.value) for q in leading)
    return ChipEvidence(entry.name, family.key, weakest.evidence, spread, weakest.note)


def _family(chip: catalog.Entry) -> catalog.Entry:
    """The efficiency entry of the chip's architecture, else the general one."""
    label = chip.text("architecture").lower()
    for entry in catalog.entries("efficiency"):
        if label in (entry.key, *(alias.lower() for alias in entry.aliases)):
            return entry
    return catalog.load("efficiency", "other")
