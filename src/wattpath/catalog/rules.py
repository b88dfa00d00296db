"""Physical rules of hardware entries, beyond the limits of single attributes.

Each rule takes an entry and returns the reasons why it cannot be true. They catch slips
of the pen (a sparse peak in a dense column, a bidirectional rate taken as one-way, GB for
TB); they do not prove that a value is right.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from wattpath.catalog.entry import Entry
from wattpath.catalog.store import load

#: Dense peak -> the marketing peak with sparsity that it must not exceed.
_SPARSE = {
    "bf16_flops": "sparse_bf16_flops",
    "fp8_flops": "sparse_fp8_flops",
    "fp4_flops": "sparse_fp4_flops",
}

#: Matrix peaks from wide to narrow: a narrower format is never slower.
_NARROWING = ("tf32_flops", "bf16_flops", "fp8_flops", "fp4_flops")

#: FLOP per byte of device memory at which a chip turns from memory to compute bound.
_RIDGE = (0.5, 5000.0)

#: BF16 FLOP per second and watt of the package; bounds of all accelerators since 2017.
_FLOPS_PER_W = (0.2e12, 12e12)

#: How far a sum of parts may miss the stated total.
_SLACK = 1.02


def chip(entry: Entry) -> list[str]:
    """Reasons why a chip's numbers contradict each other."""
    reasons = []
    for dense, sparse in _SPARSE.items():
        if _above(entry, dense, sparse):
            reasons.append(f"{dense} exceeds {sparse}.")
    given = [name for name in _NARROWING if entry.get(name) is not None]
    for wide, narrow in pairwise(given):
        if _above(entry, wide, narrow):
            reasons.append(f"{wide} exceeds {narrow}.")
    flops, bandwidth, tdp = (entry.get(n) for n in ("bf16_flops", "bandwidth_bytes_s", "tdp_w"))
    if flops and bandwidth and not _RIDGE[0] <= flops / bandwidth <= _RIDGE[1]:
        reasons.append(f"{flops / bandwidth:.3g} FLOP/B is no believable ridge point.")
    if flops and tdp and not _FLOPS_PER_W[0] <= flops / tdp <= _FLOPS_PER_W[1]:
        reasons.append(f"{flops / tdp:.3g} BF16 FLOP/J is not believable.")
    if _above(entry, "tdp_w", "system_w"):
        reasons.append("tdp_w exceeds system_w.")
    if _above(entry, "scaleup_bytes_s", "bandwidth_bytes_s"):
        reasons.append("the scale-up link is faster than the memory.")
    return reasons


def server(entry: Entry) -> list[str]:
    """Reasons why a server contradicts itself or its chip."""
    part = load("chip", entry.text("chip"))
    reasons = []
    if not entry.si("idle_w") < entry.si("peak_w"):
        reasons.append("idle_w must be below peak_w.")
    if entry.si("host_w") >= entry.si("peak_w"):
        reasons.append("host_w must be below peak_w.")
    tdp = part.get("tdp_w")
    if tdp and entry.si("chips") * tdp > entry.si("peak_w") * _SLACK:
        reasons.append("its chips alone exceed peak_w.")
    if "air" in entry.texts("cooling") and "liquid" not in entry.texts("cooling"):
        if entry.si("liquid_share") > 0:
            reasons.append("an air-cooled server gives no heat to liquid.")
    elif "air" not in entry.texts("cooling") and entry.si("liquid_share") == 0:
        reasons.append("a liquid-cooled server gives heat to liquid.")
    whole, parts = entry.get("embodied_kg"), part.get("embodied_kg")
    if whole and parts and whole < parts * entry.si("chips") / _SLACK:
        reasons.append("embodied_kg is less than that of its chips.")
    price, each = entry.get("price_usd"), part.get("price_usd")
    if price and each and price < 0.6 * each * entry.si("chips"):
        reasons.append("price_usd is far below that of its chips.")
    return reasons + _links(entry, part)


def _links(entry: Entry, part: Entry) -> list[str]:
    """The fabric that a server names must run at the rate of its chip."""
    name, rate = entry.text("scaleup_fabric"), part.get("scaleup_bytes_s")
    if not name or not rate:
        return []
    fabric = load("fabric", name)
    reasons = []
    if not 0.9 <= fabric.si("bandwidth_bytes_s") / rate <= 1.1:
        reasons.append(f"{name} runs at another rate than {part.key} (one-way for both?).")
    if entry.si("scaleup_domain") > fabric.si("max_endpoints"):
        reasons.append(f"its scale-up domain is larger than {name} allows.")
    return reasons


def fabric(entry: Entry) -> list[str]:
    """Reasons why a fabric contradicts itself."""
    if entry.text("tier") == "scale-out" and entry.text("topology") in ("direct", "host"):
        return ["a scale-out fabric is switched or a torus."]
    return []


def _above(entry: Entry, small: str, large: str) -> bool:
    left, right = entry.get(small), entry.get(large)
    return left is not None and right is not None and left > right


#: Kind -> its rule.
RULES: dict[str, Callable[[Entry], list[str]]] = {
    "chip": chip,
    "server": server,
    "fabric": fabric,
}
