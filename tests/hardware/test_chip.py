"""A chip is its own sheet plus the constants of its family."""

from __future__ import annotations

import pytest

from wattpath import catalog
from wattpath.errors import InputError, UnknownNameError
from wattpath.hardware import Chip, describe, load_chip
from wattpath.hardware.chip import CHIP_FIELDS, FABRIC_FIELDS, TOPOLOGIES


def test_sheet_values_come_through_in_si() -> None:
    chip = load_chip("H100")
    assert chip.bandwidth_bytes_s == pytest.approx(3.35e12)
    assert chip.scaleup_bytes_s == pytest.approx(450e9)
    assert chip.scaleup_domain == 8.0
    assert chip.fp4_flops == 0.0
    assert chip.launch_s < 1e-4


def test_chips_of_one_family_share_constants_but_not_peaks() -> None:
    h100, h200 = load_chip("nvidia-h100-sxm"), load_chip("nvidia-h200-sxm")
    assert h100.gemm_eff_16 == h200.gemm_eff_16
    assert h200.bandwidth_bytes_s > h100.bandwidth_bytes_s


def test_every_constant_is_filled_from_the_schema_table() -> None:
    numbers = {a.name for a in catalog.schema("efficiency").attributes.values() if a.numeric}
    assert set(Chip._fields) == numbers | set(CHIP_FIELDS) | set(FABRIC_FIELDS) | {"topology"}


@pytest.mark.parametrize(
    ("key", "share"),
    [("nvidia-l40s", 91.6 / 362.0), ("nvidia-a100-sxm4-80gb", 1 / 16), ("nvidia-h100-nvl", 1 / 16)],
)
def test_vector_rate_is_published_or_follows_the_matrix_peak(key: str, share: float) -> None:
    chip = load_chip(key)
    assert chip.vector_flops / chip.bf16_flops == pytest.approx(share, rel=1e-3)


def test_part_with_fp16_units_only_is_usable() -> None:
    chip = load_chip("nvidia-v100-sxm2-32gb")
    assert chip.bf16_flops == pytest.approx(125e12)
    assert chip.fp8_flops == 0.0


@pytest.mark.parametrize("key", catalog.names("chip"))
def test_every_chip_loads_or_says_what_is_not_published(key: str) -> None:
    try:
        chip = load_chip(key, "fleet.chip")
    except InputError as error:
        missing = [n for n in ("bf16_flops", "mem_bytes", "bandwidth_bytes_s", "tdp_w")
                   if n in str(error)]  # fmt: skip
        assert missing
        assert catalog.load("chip", key).get(missing[0]) is None
    else:
        assert chip.tdp_w > 0.0
        assert chip.topology in TOPOLOGIES.values()


def test_unknown_name_hints_at_near_ones() -> None:
    with pytest.raises(UnknownNameError, match="nvidia-h100"):
        load_chip("nvidia-h10O-sxm", "fleet.chip")


def test_unmeasured_chip_says_so_with_a_wider_range() -> None:
    measured, other = describe("H100"), describe("MI300X")
    assert measured.evidence == "derived"
    assert other.evidence == "estimate"
    assert other.relative_range > measured.relative_range
    assert other.note


def test_no_alias_of_a_family_is_stale() -> None:
    """Each architecture is claimed by one family at most, and each family by some chip."""
    claimed: dict[str, str] = {}
    for family in catalog.entries("efficiency"):
        for label in (family.key, *family.aliases):
            assert claimed.setdefault(label, family.key) == family.key
    used = {describe(key).family for key in catalog.names("chip")}
    assert used == set(catalog.names("efficiency"))
