"""Fabrics of the catalogue on a chip: rates, wiring, thin cores, and what is refused."""

from __future__ import annotations

import pytest

from wattpath.errors import InputError, UnknownNameError
from wattpath.hardware import Chip, load_chip
from wattpath.hardware.collectives import all_reduce_s, all_to_all_s, send_s
from wattpath.hardware.fabric import with_fabric


@pytest.fixture(scope="module")
def chip() -> Chip:
    return load_chip("nvidia-h100-sxm")


def test_no_name_keeps_the_links(chip: Chip) -> None:
    assert with_fabric(chip) == chip


def test_a_domain_of_72_keeps_groups_inside(chip: Chip) -> None:
    rack = with_fabric(chip, "nvlink-5", domain=72.0)
    assert all_reduce_s(rack, 1e10, 8.0, 8.0) < 0.1 * all_reduce_s(chip, 1e10, 8.0, 8.0)


@pytest.mark.parametrize("name", ["infiniband-ndr", "spectrum-x-400", "slingshot-11"])
def test_networks_scale_with_port_and_oversubscription(chip: Chip, name: str) -> None:
    full = with_fabric(chip, name)
    thin = with_fabric(chip, name, 4.0)
    args = (1e11, 64.0, 8.0)
    port = full.scaleout_bytes_s * full.scaleout_eff
    assert all_reduce_s(full, *args) == pytest.approx(2e11 * 63.0 / 64.0 / port, rel=0.02)
    assert all_reduce_s(thin, *args) == pytest.approx(4.0 * all_reduce_s(full, *args), rel=0.02)
    assert all_reduce_s(thin, 1e9, 8.0) == all_reduce_s(full, 1e9, 8.0)


def test_a_mesh_gives_a_pair_one_link(chip: Chip) -> None:
    mesh = with_fabric(chip, "xgmi-mi300")
    moved = 1e10 / (mesh.scaleup_bytes_s * mesh.scaleup_eff / 7.0)
    assert send_s(mesh, 1e10) == pytest.approx(moved, rel=0.01)


def test_a_torus_is_bound_by_its_middle(chip: Chip) -> None:
    torus = with_fabric(chip, "ici-v5p", domain=4096.0)
    switch = torus._replace(topology=0.0)
    assert all_to_all_s(torus, 1e10, 4096.0) > 5.0 * all_to_all_s(switch, 1e10, 4096.0)


def test_what_cannot_be_built_is_refused(chip: Chip) -> None:
    with pytest.raises(InputError, match="at most 8"):
        with_fabric(chip, "xgmi-mi300", domain=64.0)
    with pytest.raises(InputError, match="at least 1"):
        with_fabric(chip, oversubscription=0.5)
    with pytest.raises(InputError, match="inside a domain"):
        with_fabric(chip, "groq-dragonfly")
    with pytest.raises(UnknownNameError):
        with_fabric(chip, "infiniband-mdr")
