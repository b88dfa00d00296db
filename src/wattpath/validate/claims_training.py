"""Claims on training and on smaller models: sparsity, utilisation, pruning, distillation."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wattpath import levers, models
from wattpath.levers.laws import moe_loss_nats
from wattpath.levers.quality import TRAINING_FLOP, LossLaw, load_law
from wattpath.models.parameters import parameter_count
from wattpath.training.case import case_for
from wattpath.training.layout import RECOMPUTE, SCHEDULES, Layout
from wattpath.validate.claims_serving import decode_j

#: FLOP per parameter and token of a forward pass, as of a teacher.
FORWARD_FLOP = 2.0

#: Granularity of DeepSeek-V3's experts: twice the width over an expert's width.
GRANULARITY = 2.0 * 7168.0 / 2048.0


@dataclass(frozen=True, slots=True)
class Run:
    """A published pre-training run, spread as its report says."""

    model: str
    chip: str
    chips: float
    trainer: str
    layout: Layout
    sequence: float
    batch: float
    bits: float
    tokens: float

    def chip_hours(self) -> float:
        """Predicted chip-hours of the run without its stops [h]."""
        case = case_for(
            self.model, self.chip, self.chips, sequence=self.sequence, batch=self.batch,
            bits=self.bits, trainer=self.trainer, power_cap=1.0, fabric="", oversubscription=1.0,
            domain=0.0, sites=1,
        )  # fmt: skip
        # Its first and last stages hold one layer less than the others.
        case = replace(case, trainer=case.trainer._replace(uneven_stages=1.0))
        step_s = case.step(self.layout).step_s
        return self.chips * self.tokens / (self.batch * self.sequence) * step_s / 3600.0

    def flop(self) -> float:
        """Six FLOP per active parameter and token."""
        active = float(parameter_count(models.load(self.model).shape).active)
        return TRAINING_FLOP * active * self.tokens


#: The dense run: tensor parallel in a server, sixteen interleaved stages, 16 million tokens a step.
DENSE = Run(
    "llama-3-1-405b", "nvidia-h100-sxm", 16384.0, "megatron-core-2024",
    Layout(
        tp=8.0, pp=16.0, vpp=4.0, dp=128.0, zero=1.0, sequence_parallel=1.0,
        recompute=RECOMPUTE["selective"], schedule=SCHEDULES["interleaved"],
    ),
    8192.0, 2048.0, 16.0, 15.6e12,
)  # fmt: skip

#: The sparse run: experts over eight servers, sixteen stages in both directions, FP8. Its report
#: recomputes norms and the up-projections of its attention only, and no whole layer.
SPARSE = Run(
    "deepseek-v3", "nvidia-h800-sxm", 2048.0, "deepseek-2024",
    Layout(
        pp=16.0, dp=128.0, ep=64.0, zero=1.0,
        recompute=RECOMPUTE["selective"], schedule=SCHEDULES["dualpipe"],
    ),
    4096.0, 15360.0, 8.0, 14.8e12,
)  # fmt: skip


def mixture() -> dict[str, tuple[float, str]]:
    """DeepSeek-V3 against Llama 3.1 405B: hours, their two causes, and the loss of both."""
    hours = DENSE.chip_hours() / SPARSE.chip_hours()
    work = DENSE.flop() / SPARSE.flop()
    share = SPARSE.flop() / TRAINING_FLOP / SPARSE.tokens
    share /= float(parameter_count(models.load(SPARSE.model).shape).total)
    law = load_law()
    gap = moe_loss_nats(law, share, GRANULARITY, SPARSE.flop())
    gap -= law.best_loss_nats(DENSE.flop())
    basis = "layouts, steps and recomputation as published, no stops"
    return {
        "moe-gpu-hours": (hours, basis),
        "moe-sparsity": (work, "parameters counted from both shapes"),
        "moe-utilisation": (hours / work, basis),
        "moe-quality": (gap, "leverage of experts, carried on from 1e22 FLOP"),
    }


def size_gap_nats(law: LossLaw, small: float, large: float, tokens: float) -> float:
    """Loss of the smaller of two dense models over that of the larger, at equal tokens [nat]."""
    return law.loss_nats(small, tokens) - law.loss_nats(large, tokens)


def pruning() -> dict[str, tuple[float, str]]:
    """One-shot pruning against a dense small model, and the price of a distilled sibling."""
    law = load_law()
    small, large = "llama-2-7b", "llama-2-70b"
    sizes = [float(parameter_count(models.load(name).shape).total) for name in (small, large)]
    loss = levers.load("prune-one-shot").loss_nats.value - size_gap_nats(
        law, sizes[0], sizes[1], 2e12
    )
    dear = decode_j(large, ("prune-one-shot",), 128.0, tp=4.0)
    cheap = decode_j(small, (), 128.0, tp=1.0)
    share = levers.load("prune-distill").one_off.token_fraction.value
    parent = float(parameter_count(models.load("llama-3-1-8b").shape).total)
    student = models.shrink(models.load("llama-3-1-8b").shape, *_sibling())
    passes = TRAINING_FLOP * float(parameter_count(student).total) + FORWARD_FLOP * parent
    return {
        "prune-one-shot-loss": (loss, "the published loss of pruning less the law's gap"),
        "prune-one-shot-energy": (dear / cheap, "H100, 128 sequences of 1,000 tokens"),
        "prune-distill-tokens": (share, ""),
        "prune-distill-compute": (share * passes / (TRAINING_FLOP * parent), ""),
    }


def _sibling() -> tuple[float, float]:
    settings = levers.apply_serving(levers.by_names(["prune-distill"]), levers.ServingSettings())
    return settings.width_factor, settings.depth_factor
