"""Bits of released checkpoints."""

from __future__ import annotations

import pytest

from wattpath.models.quantization import released_bits


@pytest.mark.parametrize(
    ("quant", "bits", "expert_bits"),
    [
        (None, 16.0, 16.0),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, 8.0, 8.0),
        (
            {"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn"]},
            16,
            4.25,
        ),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, 4.5, 4.5),
        ({"quant_method": "gptq", "bits": 4, "group_size": 128}, 4.125, 4.125),
        ({"quant_method": "awq", "bits": 4, "group_size": 64}, 4.25, 4.25),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, 8.0, 8.0),
        (
            {
                "quant_method": "compressed-tensors",
                "format": "mxfp4-pack-quantized",
                "config_groups": {"group_0": {"weights": {"num_bits": 4, "group_size": 32}}},
                "ignore": ["re:.*self_attn.*"],
            },
            16.0,
            4.25,
        ),
    ],
)
def test_bits_with_scale_factors(quant: object, bits: float, expert_bits: float) -> None:
    assert released_bits({"quantization_config": quant})[:2] == (bits, expert_bits)


def test_unknown_method_is_said_aloud() -> None:
    bits, _, remark = released_bits({"quantization_config": {"quant_method": "novel"}})
    assert bits == 16.0
    assert "novel" in remark
