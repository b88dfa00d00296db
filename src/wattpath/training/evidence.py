"""What published runs say about a predicted step: its grade, its range, and what is untested.

A part of a step is *covered* where a run of the ledger has used what causes it (a kind of
parallelism, a schedule, a precision, a network) on this chip; what the runs used stands in
the catalogue kind ``coverage``. A covered part may be off by

    w = sqrt(e90^2 + r^2 / n)

with e90 the error of nine in ten of the chip's n runs (no less than that of the software)
and r the range of the chip's kernel constants, which counts the less the more runs there
are. Communication on more chips than the largest run widens by each doubling; a part that
no run covers may be off by the factor `beyond`, either way. Parts are taken to err
together, which makes the range wide rather than narrow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wattpath import catalog
from wattpath.hardware import describe, load_chip
from wattpath.training.layout import CONTEXT, SCHEDULES, Layout

if TYPE_CHECKING:
    from wattpath.catalog import Entry
    from wattpath.hardware import Chip
    from wattpath.training.steptime import Step

#: Part of a step -> the kinds that cause it, as words or their beginnings.
CAUSES = {
    "tensor_s": ("tensor",),
    "context_s": ("context",),
    "expert_s": ("experts",),
    "stage_s": ("pipeline", "schedule"),
    "bubble_s": ("pipeline", "schedule"),
    "shard_s": ("sharded",),
    "gradient_s": ("replicas",),
    "host_s": ("host memory",),
}
#: Parts that the network carries.
SENT = ("tensor_s", "context_s", "expert_s", "stage_s", "shard_s", "gradient_s")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind the predicted step of one layout.

    Attributes
    ----------
    grade : str
        ``derived`` where published runs cover chip, precision, network, size and everything
        that the layout uses, and constants of this chip were measured; else ``estimate``.
    low_s, high_s : float
        Range of the step time [s].
    gaps : tuple of str
        What no published run of the ledger has tested; empty where all is covered.
    nearest : str
        The runs that come nearest: chip, number, largest size.
    """

    grade: str
    low_s: float
    high_s: float
    gaps: tuple[str, ...]
    nearest: str

    @property
    def words(self) -> str:
        """Grade and what is untested, for a table."""
        return f"{self.grade}: no run with {', '.join(self.gaps)}" if self.gaps else self.grade


def precision_word(bits: float) -> str:
    """Such as ``8 bit``."""
    return f"{bits:g} bit"


def kinds(layout: Layout, chip: Chip) -> tuple[str, ...]:
    """What a layout uses, in the words of the catalogue kind ``coverage``."""
    words = []
    if layout.tp > 1.0:
        words.append("tensor parallelism")
    if layout.tp > chip.scaleup_domain:
        words.append("tensor parallelism across servers")
    if layout.tp > 2.0 * chip.scaleup_domain:
        words.append("tensor parallelism over more than two servers")
    if layout.cp > 1.0:
        name = next(k for k, v in CONTEXT.items() if v == layout.context)
        words.append(f"context parallelism by {name}")
    if layout.ep > 1.0:
        words.append("experts on several chips")
    if layout.pp > 1.0:
        words.append("pipeline")
    if layout.pp > 1.0 and layout.schedule > SCHEDULES["interleaved"]:
        name = next(k for k, v in SCHEDULES.items() if v == layout.schedule)
        words.append(f"schedule {name}")
    elif layout.vpp > 1.0:
        words.append("schedule interleaved")
    if layout.dp > 1.0:
        shared = layout.zero > 1.5
        words.append("sharded weights or gradients" if shared else "replicas")
    if layout.offload > 0.0:
        words.append("host memory")
    return tuple(words)


def nearest_runs(chip: str) -> Entry:
    """The runs of this chip, else of its family, else of the chip nearest in its peak.

    Parameters
    ----------
    chip : str
        Key, name or alias.
    """
    entry = catalog.load("chip", chip, "chip")
    peak, family = load_chip(entry.key).bf16_flops, describe(entry.key).family

    def distance(runs: Entry) -> tuple[bool, bool, float]:
        key = runs.text("chip")
        apart = abs(math.log(load_chip(key).bf16_flops / peak))
        return key != entry.key, describe(key).family != family, apart

    return min(catalog.entries("coverage"), key=distance)


@dataclass(frozen=True, slots=True)
class Basis:
    """What is known before the layout: the nearest runs and what the job asks beyond them.

    `kinds` are what runs of the chip's family used, `width` and `kernel_width` half-widths
    of the range of a covered part and of computation as fractions; `stretch` multiplies the
    first for what the network carries, `beyond` is for parts that no run covers.
    """

    kinds: frozenset[str]
    width: float
    kernel_width: float
    stretch: float
    beyond: float
    gaps: tuple[str, ...]
    nearest: str
    measured: bool


def basis(chip: str, trainer: str, bits: float, chips: float, fabric: str = "") -> Basis:
    """What published runs say of a job whatever its layout.

    Parameters
    ----------
    chip, trainer : str
        Catalogue names.
    bits : float
        Width of matrix products [bit].
    chips : float
        Chips of the job.
    fabric : str
        Another network than the chip's own.

    Notes
    -----
    Error and number of runs are the chip's own (or those of the nearest chip); what is
    covered and how far in size is its family's, since software and network are shared.
    """
    runs, hardware = nearest_runs(chip), describe(chip)
    own = runs.text("chip") == catalog.load("chip", chip).key
    kin = _kin(runs)
    most = max(entry.si("chips_high") for entry in kin)
    error = max(runs.si("error_p90"), catalog.load("trainer", trainer).si("error_p90"))
    spread = hardware.relative_range
    width = math.hypot(error, spread / math.sqrt(runs.si("rows")) if own else spread)
    precise = precision_word(bits) in _union(kin, "precisions")
    gaps = [] if own else [f"this chip ({hardware.name})"]
    if not precise:
        gaps.append(f"{precision_word(bits)} products")
    if fabric and (key := catalog.load("fabric", fabric, "fabric").key) not in _union(
        kin, "networks"
    ):
        gaps.append(f"the network {key}")
    if chips > most:
        gaps.append(f"more than {most:g} chips")
    name = catalog.load("chip", runs.text("chip")).name
    return Basis(
        _union(kin, "kinds"), width, width if precise else math.hypot(width, spread),
        1.0 + max(0.0, math.log2(chips / most)), runs.si("beyond"), tuple(gaps),
        f"{runs.si('rows'):g} published runs of {name}", hardware.evidence != "estimate",
    )  # fmt: skip


def _kin(runs: Entry) -> list[Entry]:
    """The runs of all chips of the same family."""
    family = describe(runs.text("chip")).family
    return [
        entry
        for entry in catalog.entries("coverage")
        if describe(entry.text("chip")).family == family
    ]


def _union(entries: list[Entry], attribute: str) -> frozenset[str]:
    return frozenset(word for entry in entries for word in entry.texts(attribute))


def judge(known: Basis, layout: Layout, chip: Chip, result: Step, plain: Step) -> Evidence:
    """The evidence for one layout.

    Parameters
    ----------
    known : Basis
    layout : Layout
    chip : Chip
        As the kernels see it.
    result, plain : Step
        The layout's step, and the same with one forward, one backward in place of its
        schedule: what a schedule that nobody has tested may fall back to.
    """
    untested = tuple(word for word in kinds(layout, chip) if word not in known.kinds)
    new_network = any(gap.startswith("the network") for gap in known.gaps)
    low = high = 0.0
    for part, seconds in result._asdict().items():
        if not part.endswith("_s") or part == "step_s":
            continue
        factor = 1.0 + (known.width * known.stretch if part in SENT else known.kernel_width)
        causes = CAUSES.get(part, ())
        if any(word.startswith(causes) for word in untested) or (new_network and part in SENT):
            factor = max(factor, known.beyond)
        low, high = low + seconds / factor, high + seconds * factor
    if any(word.startswith("schedule") for word in untested):
        high += max(0.0, plain.bubble_s - known.beyond * result.bubble_s)
    gaps = (*known.gaps, *untested)
    grade = "derived" if known.measured and not gaps else "estimate"
    return Evidence(grade, low, high, gaps, known.nearest)
