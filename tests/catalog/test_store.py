"""Entries are found by key, name and alias, and unknown names get a hint."""

from __future__ import annotations

import subprocess
import sys

import pytest

from wattpath import catalog
from wattpath.errors import UnknownNameError


@pytest.mark.parametrize(
    ("kind", "name", "key"),
    [
        ("chip", "nvidia-h100-sxm", "nvidia-h100-sxm"),
        ("chip", "NVIDIA H100 SXM5 80GB", "nvidia-h100-sxm"),
        ("chip", "h100", "nvidia-h100-sxm"),
        ("chip", "GB200", "nvidia-gb200"),
        ("chip", "TPU v5p", "google-tpu-v5p"),
        ("chip", "mi300x", "amd-mi300x"),
        ("server", "GB200 NVL72", "nvidia-gb200-nvl72"),
        ("fabric", "NVLink", "nvlink-4"),
    ],
)
def test_load_by_any_name(kind: str, name: str, key: str) -> None:
    assert catalog.load(kind, name).key == key


def test_unknown_name_hints_at_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        catalog.load("chip", "nvidia-h100-smx", "fleet.chip")
    assert str(caught.value).startswith("fleet.chip must name a chip of the catalogue.")
    assert "'nvidia-h100-sxm'" in caught.value.hint


def test_far_name_hints_at_the_list() -> None:
    with pytest.raises(UnknownNameError) as caught:
        catalog.load("chip", "#################")
    assert "wattpath catalog chip" in caught.value.hint


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        catalog.names("chips")


def test_units_reach_si() -> None:
    chip = catalog.load("chip", "H100")
    assert chip.si("mem_bytes") == pytest.approx(81559 * 2**20, rel=1e-4)
    assert chip.si("bandwidth_bytes_s") == pytest.approx(3.35e12)
    assert chip.si("bf16_flops") == pytest.approx(989.4e12)
    assert chip.si("scaleup_bytes_s") == pytest.approx(450e9)
    assert chip.si("scaleout_bytes_s") == pytest.approx(50e9)
    server = catalog.load("server", "DGX H100")
    assert server.si("peak_w") == pytest.approx(10.2e3)
    assert server.si("life_s") == pytest.approx(5 * 365.25 * 86400)


def test_digest_is_the_same_in_a_new_process() -> None:
    command = "from wattpath import catalog; print(catalog.digest())"
    result = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == catalog.digest()
    assert len(catalog.digest()) == 16


def test_catalogue_needs_no_heavy_import() -> None:
    command = (
        "import sys; from wattpath import catalog; catalog.load('chip', 'H100');"
        "print([m for m in ('numba', 'numpy', 'scipy', 'pandas', 'pint') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
