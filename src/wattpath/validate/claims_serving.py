"""Claims on serving: engines, number formats, drafts, and caps on power.

Whole campaigns are replayed as closed loops, as the ledger of energies does; single decoding
steps stand where the claim is about decoding alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from wattpath import levers
from wattpath.hardware.chip import Chip, load_chip
from wattpath.hardware.power import cap_slowdown, chip_power_w, format_shares
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.blocks import Batch
from wattpath.serving.candidates import clocked
from wattpath.serving.engine import load_engine
from wattpath.serving.iteration import Iteration, iteration
from wattpath.serving.layout import Layout
from wattpath.serving.memory import most_sequences
from wattpath.serving.speculation import tokens_per_step
from wattpath.serving.steady import decode_iteration
from wattpath.validate.energy import KEPT_KV, prompt_tokens, steady_energy
from wattpath.validate.serving_rows import Setup, model_shape, read_formats

Answers = dict[str, tuple[float, str]]

H100, H200, B200 = "nvidia-h100-sxm", "nvidia-h200-sxm", "nvidia-b200-sxm"
#: Engine generations of 2024 and 2025 of one project.
OLD, NEW = "vllm-v0", "vllm-v1"
#: Answers of chats, between the means of the two campaigns, 400 and 480 [token].
CHAT = 440.0
#: Context of decoding sequences where a claim gives none [token].
CONTEXT = 1000.0
#: Host time of a decoding step of a model of some thirty layers where Python launches each
#: kernel, as research code does [s]: a stand-in, within 10 to 40 ms.
PYTHON_S, LAUNCHED = 0.02, "kernels launched one by one in 20 ms a step"


def _steady(
    model: str,
    chips: float,
    words: str,
    engine: str,
    batch: float,
    answer: float,
    task: str,
    chip: str = H100,
) -> dict[str, float]:
    """Rate and energy of a full batch of a model on H100s."""
    shape, formats = model_shape(model), read_formats(words, KEPT_KV)
    layout = whole_experts(shape, chips)
    setup = Setup(load_chip(chip), shape, layout, formats, load_engine(engine), "")
    row = {"engine": engine, "avg_batch": str(batch), "avg_output_len": str(answer), "task": task}
    return steady_energy(row | {"n_chips": str(chips)}, setup)


def whole_experts(shape: Shape, chips: float) -> Layout:
    """Attention cut over all chips, and whole experts spread over them.

    The source's own settings ask for whole experts in either format: released 8-bit
    checkpoints hold a scale for each block of 128 columns, through which no cut may go.
    """
    return Layout(chips, ep=chips if shape.moe_layers > 0.0 else 1.0)


def engines() -> Answers:
    """Two generations of one engine at a full batch of 256 chats."""
    found: Answers = {}
    for size, model, chips in (("8b", "llama-3-1-8b", 1.0), ("70b", "llama-3-1-70b", 4.0)):
        old, new = (
            _steady(model, chips, "bf16", name, 256.0, CHAT, "lm-arena-chat") for name in (OLD, NEW)
        )
        basis = f"256 chats on {chips:.0f} H100, {OLD} against {NEW}"
        found[f"engine-rate-{size}"] = new["throughput"] / old["throughput"], basis
        ratio = new["energy_per_token"] / old["energy_per_token"]
        found[f"engine-energy-{size}"] = ratio, basis
    return found


def eight_bits() -> Answers:
    """FP8 against sixteen bits at three batches, and each at the batch that memory allows.

    Rates stand beside energies, so that a miss of time is told from one of power.
    """
    model, chips, task = "qwen3-235b-a22b", 8.0, "gpqa"
    found: Answers = {}
    for name, batches in _BATCHES.items():
        basis = f"Qwen3 235B on 8 H100 and on 8 B200, batches {batches[0]:.0f} and {batches[1]:.0f}"
        pairs = [_format_ratios(model, chips, batch, task, at) for batch, at in _points(batches)]
        found[f"fp8-batch-{name}"] = sum(pair[0] for pair in pairs) / len(pairs), basis
        found[f"fp8-rate-{name}"] = sum(pair[1] for pair in pairs) / len(pairs), basis
    ratio = found["fp8-batch-256"][0]
    long = 8000.0  # thought and answer
    full = {words: _slots(model, chips, words, prompt_tokens(task), long) for words in _FORMATS}
    most, least = (
        _steady(model, chips, words, NEW, full[words], long, task)["energy_per_token"]
        for words in _FORMATS
    )
    room = f"answers of {long:.0f} tokens, batches {full['bf16']:.0f} and {full['fp8']:.0f}"
    found["fp8-memory-bound"] = least / most, f"Qwen3 235B on 8 H100, {room}"
    found["fp8-order"] = least / most / ratio, "the two rows above"
    return found


_FORMATS = ("bf16", "fp8")
#: Batches whose mean stands for those of a claim, by the upper end of its range.
_BATCHES = {"16": (8.0, 16.0), "64": (32.0, 64.0), "256": (128.0, 192.0)}
#: Tokens of an answer at equal batch: ours, short enough for all batches to fit.
ANSWER = 1000.0


def _points(batches: Sequence[float]) -> list[tuple[float, str]]:
    return [(batch, chip) for batch in batches for chip in (H100, B200)]


def _format_ratios(
    model: str, chips: float, batch: float, task: str, chip: str
) -> tuple[float, float]:
    """Energy per token and tokens/s in 8 bit over those in 16 at one batch."""
    wide, narrow = (
        _steady(model, chips, words, NEW, batch, ANSWER, task, chip) for words in _FORMATS
    )
    energy = narrow["energy_per_token"] / wide["energy_per_token"]
    return energy, narrow["throughput"] / wide["throughput"]


def _slots(model: str, chips: float, words: str, prompt: float, answer: float) -> float:
    """Sequences that fit beside the weights [1], as the engine books them."""
    shape, formats = model_shape(model), read_formats(words, KEPT_KV)
    layout = whole_experts(shape, chips)
    case = (load_chip(H100), shape, layout, formats, load_engine(NEW))
    return float(most_sequences(*case, prompt, answer))


def _settings(names: Sequence[str]) -> ServingSettings:
    chosen = levers.apply_serving(levers.by_names(names), levers.plain_serving())
    return ServingSettings(*(float(value) for value in chosen))


def _decode(
    model: str,
    names: Sequence[str],
    batch: float,
    context: float,
    tp: float,
    chip: Chip,
) -> tuple[Iteration, float]:
    """A decoding step with its drafts, and its tokens per sequence."""
    settings, engine = _settings(names), load_engine(NEW)
    step = decode_iteration(chip, model_shape(model), Layout(tp), settings, engine, batch, context)
    return step, float(tokens_per_step(settings.draft_tokens, settings.acceptance))


def decode_j(
    model: str, names: Sequence[str], batch: float, tp: float = 1.0, context: float = CONTEXT
) -> float:
    """Energy of the chips per decoded token on H100 [J]."""
    chip = load_chip(H100)
    step, gain = _decode(model, names, batch, context, tp, chip)
    formats = _settings(names)
    shares = step.compute_s / step.seconds, step.memory_s / step.seconds
    seen = format_shares(chip, formats.weight_bits, formats.act_bits, *shares)
    return float(chip_power_w(chip, *seen) * tp * step.seconds / gain / batch)


def integer_weights() -> Answers:
    """INT8 weights unpacked to sixteen bits: a full decoding batch, and a block of prefill."""
    model, batch, rows = "llama-3-1-8b", 512.0, 8192.0
    chip = load_chip(H100)
    plain, packed = (
        _decode(model, names, batch, CONTEXT, 1.0, chip)[0].seconds
        for names in ((), ("int8-weights",))
    )
    prompt = Batch(0.0, 0.0, 1.0, rows, 1.0, 0.0)
    case = (chip, model_shape(model), Layout(1.0))
    wide, unpacked = (
        iteration(*case, _settings(names), load_engine(NEW), prompt).seconds
        for names in ((), ("int8-weights",))
    )
    return {
        "int8-decode": (packed / plain, f"Llama 3.1 8B, {batch:.0f} sequences"),
        "int8-prefill": (unpacked / wide, f"Llama 3.1 8B, a prompt of {rows:.0f} tokens"),
    }


def long_drafts() -> Answers:
    """Seven drafted tokens at 512 sequences, against none and against three."""
    rates = {}
    for names in ((), ("speculative-decoding",), ("speculative-long",)):
        step, gain = _decode("llama-3-1-8b", names, 512.0, CONTEXT, 1.0, load_chip(H100))
        rates["".join(names)] = gain / step.seconds
    long = rates["speculative-long"]
    basis = "Llama 3.1 8B on an H100, 512 sequences of 1,000 tokens"
    return {
        "drafts-long-large": (long / rates[""], basis),
        "drafts-long-short": (long / rates["speculative-decoding"], basis),
    }


def power_caps() -> Answers:
    """Energy of decoding steps under caps and under a locked clock, over that without."""
    basis = f"Llama 3.1 8B on an H200, 32 sequences of 4,000 tokens, {LAUNCHED}"
    free = decode_energy_j(1.0, 1.0)
    return {
        "cap-light": (decode_energy_j(0.8, 1.0) / free, basis),
        "cap-deep": (decode_energy_j(0.6, 1.0) / free, basis),
        "cap-clock": (decode_energy_j(1.0, 0.7) / free, f"clock at 0.7, {basis}"),
    }


def decode_energy_j(cap: float, clock: float, python_s: float = PYTHON_S) -> float:
    """Energy of one decoding step [J] under a cap and at a locked clock.

    Parameters
    ----------
    cap, clock : float
        Power limit over the rated power, and core clock over the boost clock.
    python_s : float
        Host time of a step that launches its kernels one by one [s]; 0: captured graphs.
    """
    chip = load_chip(H200)
    if cap < 1.0:
        step = _host_bound(chip, 32.0, python_s)
        clock /= cap_slowdown(chip, cap, *_shares(step))
    step = _host_bound(clocked(chip, clock), 32.0, python_s)
    compute, memory = _shares(step)
    return float(chip_power_w(chip, compute * clock, memory, cap, clock) * step.seconds)


def _host_bound(chip: Chip, batch: float, python_s: float, context: float = 4000.0) -> Iteration:
    settings = _settings(())._replace(host_s=python_s)
    case = (chip, model_shape("llama-3-1-8b"), Layout(1.0), settings, load_engine(NEW))
    return decode_iteration(*case, batch, context)


def _shares(step: Iteration) -> tuple[float, float]:
    return step.compute_s / step.seconds, step.memory_s / step.seconds


def decode_power() -> Answers:
    """Mean power of a chip over decoding steps: launched one by one, and as captured graphs."""
    chip = load_chip(H200)
    watts = [
        float(chip_power_w(chip, *_shares(_host_bound(chip, batch, PYTHON_S))))
        for batch in (1.0, 8.0, 32.0)
    ]
    chip, context = load_chip(H100), prompt_tokens("lm-arena-chat") + CHAT / 2.0
    graph = chip_power_w(chip, *_shares(_host_bound(chip, 8.0, 0.0, context)))
    return {
        "decode-watts": (sum(watts) / 3.0, f"Llama 3.1 8B, 1 to 32 sequences, {LAUNCHED}"),
        "decode-captured": (
            float(graph),
            f"Llama 3.1 8B on an H100, 8 sequences of {context:.0f} tokens",
        ),
    }
