"""One question to training: a model, a cluster, software and a step, resolved once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wattpath import models
from wattpath.errors import InputError
from wattpath.hardware import describe, load_chip, native_bits
from wattpath.hardware.fabric import slice_of, with_fabric
from wattpath.training.energy import StepPower, step_power
from wattpath.training.evidence import Basis, Evidence, basis, judge
from wattpath.training.host import host_link
from wattpath.training.layout import REASONS, SCHEDULES, Layout, chips_of, validity
from wattpath.training.steptime import Job, Step, layer_times, step
from wattpath.training.trainer import Trainer, load_trainer

if TYPE_CHECKING:
    from wattpath.hardware import Chip
    from wattpath.models import Shape

#: Tokens of a step where the user gives no batch, as of the large published runs.
USUAL_BATCH_TOKENS = 16e6


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked, with everything looked up.

    Attributes
    ----------
    model, chip_name, trainer_name : str
        Full name of the model and the chip; the stack as asked for.
    shape, chip, trainer, job : Shape, Chip, Trainer, Job
        What the kernels take; the job is one site's.
    chips : float
        Chips that compute, of one site.
    known : Basis
        What published runs say of the job whatever its layout.
    note : str
        What weakens the chip's constants.
    """

    model: str
    chip_name: str
    trainer_name: str
    shape: Shape
    chip: Chip
    trainer: Trainer
    job: Job
    chips: float
    known: Basis
    note: str

    def step(self, layout: Layout) -> Step:
        """The step of a layout."""
        return step(self.shape, self.chip, self.trainer, layout, self.job)

    def power(self, layout: Layout, result: Step) -> StepPower:
        """Power of one chip over that step."""
        times = layer_times(self.shape, self.chip, self.trainer, layout, self.job)
        power: StepPower = step_power(
            self.shape, self.chip, self.trainer, layout, self.job, result,
            times.dense, times.expert,
        )  # fmt: skip
        return power

    def evidence(self, layout: Layout, result: Step) -> Evidence:
        """What published runs say of that step."""
        plain = result
        if layout.schedule > SCHEDULES["interleaved"]:
            plain = self.step(layout._replace(schedule=SCHEDULES["1f1b"], vpp=1.0))
        return judge(self.known, layout, self.chip, result, plain)

    def why_not(self, layout: Layout) -> str:
        """Why the layout cannot run, with the margin, or an empty string."""
        code = validity(
            self.shape, layout, self.chips, self.job.batch, self.job.sequence,
            self.trainer.uneven_stages,
        )  # fmt: skip
        if code:
            return f"{REASONS[code]} ({self._margin(code, layout)})"
        result = self.step(layout)
        if not math.isfinite(result.step_s):
            return REASONS[-1]
        over = (result.memory_bytes - self.chip.mem_bytes) / 2**30
        room = self.chip.mem_bytes / 2**30
        return f"does not fit in memory: {over:.3g} GiB over {room:.1f} GiB" if over > 0.0 else ""

    def _margin(self, code: int, layout: Layout) -> str:
        """The numbers that break the rule of this code."""
        shape, job = self.shape, self.job
        count = job.batch / (layout.dp * layout.micro_batch)
        words = {
            1: f"{chips_of(layout):g} against {self.chips:g} chips",
            2: f"{shape.heads:g} heads, tp {layout.tp:g}",
            3: f"width {shape.ffn:g}, tp {layout.tp:g}",
            4: f"{shape.layers:g} layers, pp x vpp {layout.pp * layout.vpp:g}",
            5: f"batch {job.batch:g}, dp x micro-batch {layout.dp * layout.micro_batch:g}",
            6: f"{shape.experts:g} experts, ep {layout.ep:g}",
            7: f"{layout.ep * layout.expert_tp:g} against {layout.tp * layout.dp * layout.cp:g}",
            8: f"{job.sequence:g} tokens, cp {layout.cp:g}",
            11: f"{shape.heads:g} heads, tp x cp {layout.tp * layout.cp:g}",
        }
        other = f"pp {layout.pp:g}, vpp {layout.vpp:g}, {count:g} micro-batches"
        return words.get(code, other)


def case_for(
    model: str,
    chip: str,
    chips: float,
    *,
    sequence: float,
    batch: float,
    bits: float,
    trainer: str,
    power_cap: float,
    fabric: str,
    oversubscription: float,
    domain: float,
    sites: int,
) -> Case:
    """Look everything up; see `wattpath.training.answer.train` for the parameters.

    Raises
    ------
    UnknownNameError
        If a name is not in the catalogue.
    InputError
        If chips or batch cannot be dealt out to the sites, or the chip has no matrix
        products of that width.
    """
    if sites < 1 or chips % sites:
        raise InputError("sites", "divide the chips", sites, f"There are {chips:g} chips.")
    from_file = Path(model).suffix == ".json"
    architecture = models.read_config(model) if from_file else models.load(model)
    each = chips / sites
    nearest = native_bits(load_chip(chip), bits)
    if nearest > bits:
        constraint = f"be one that {describe(chip).name} computes"
        hint = f"Its nearest width is {nearest:g} bit."
        raise InputError("precision", constraint, f"{bits:g} bit", hint)
    unit = with_fabric(load_chip(chip), fabric, oversubscription, domain)
    unit = unit if domain else slice_of(unit, each)
    batch = batch or chips * max(1.0, round(USUAL_BATCH_TOKENS / sequence / chips))
    if batch % sites:
        raise InputError("batch", "divide by the sites", batch, f"There are {sites} sites.")
    job = Job(sequence, batch / sites, bits, 2.0, 1.0, power_cap, *host_link(chip))
    hardware = describe(chip)
    return Case(
        architecture.name, hardware.name, trainer, architecture.shape, unit,
        load_trainer(trainer, "trainer"), job, each,
        basis(chip, trainer, bits, chips, fabric), hardware.note,
    )  # fmt: skip
