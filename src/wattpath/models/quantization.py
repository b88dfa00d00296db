"""How many bits a released checkpoint spends on a weight, from its ``quantization_config``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Method -> bits of a matrix element where the method alone says it, scale factors included.
METHOD_BITS = {
    "fp8": 8.0,
    "fbgemm_fp8": 8.0,
    "finegrained_fp8": 8.0,
    "mxfp8": 8.25,
    "mxfp4": 4.25,
    "nvfp4": 4.5,
    "eetq": 8.0,
}

#: Bits of one scale factor of a group, by number format.
_SCALE_BITS = {"mxfp4": 8.0, "nvfp4": 8.0}


def released_bits(config: Mapping[str, Any]) -> tuple[float, float, str]:
    """Bits of a matrix element and of a routed expert's element, and a remark.

    Parameters
    ----------
    config : Mapping
        The whole configuration; without a ``quantization_config`` weights have 16 bit.

    Returns
    -------
    tuple
        Bits of matrices, bits of routed experts, and a sentence (empty if nothing is to say).
    """
    quant = config.get("quantization_config")
    if not isinstance(quant, Mapping):
        return 16.0, 16.0, ""
    bits = _bits(quant)
    if bits is None:
        method = str(quant.get("quant_method", "no method"))
        return 16.0, 16.0, f"Its quantisation ({method}) is not known here; 16 bit are assumed."
    if _experts_only(quant):
        return 16.0, bits, f"Released with routed experts at {bits:g} bit, the rest at 16 bit."
    return bits, bits, f"Released with weights at {bits:g} bit."


def _bits(quant: Mapping[str, Any]) -> float | None:
    groups = quant.get("config_groups")
    if isinstance(groups, Mapping) and groups:
        first = next(iter(groups.values()))
        weights = first.get("weights") if isinstance(first, Mapping) else None
        if isinstance(weights, Mapping):
            return _grouped(weights, str(quant.get("format", first.get("format", ""))))
    for key in ("quant_algo", "quant_method"):
        word = str(quant.get(key, "")).lower()
        if word in METHOD_BITS:
            return METHOD_BITS[word]
    if quant.get("load_in_4bit") is True:
        return 4.5
    if quant.get("load_in_8bit") is True:
        return 8.0
    return _grouped(quant, "")


def _grouped(weights: Mapping[str, Any], form: str) -> float | None:
    """Bits of an element and its share of the group's scale factor."""
    bits = weights.get("num_bits", weights.get("bits"))
    if isinstance(bits, bool) or not isinstance(bits, (int, float)) or not 1 <= bits <= 16:
        return None
    group = weights.get("group_size")
    if isinstance(group, bool) or not isinstance(group, (int, float)) or group <= 0:
        return float(bits)
    scale = next((b for name, b in _SCALE_BITS.items() if form.startswith(name)), 16.0)
    return float(bits) + scale / float(group)


def _experts_only(quant: Mapping[str, Any]) -> bool:
    """Whether the exceptions leave attention out, so that only the experts are quantised."""
    spared: list[Any] = []
    for key in ("ignore", "modules_to_not_convert", "exclude_modules"):
        value = quant.get(key)
        spared += value if isinstance(value, list) else []
    return any("attn" in str(item) for item in spared)
