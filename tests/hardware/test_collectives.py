"""Collectives: one rank, bandwidth limits, tiers, topologies, published times."""

from __future__ import annotations

import math

import pytest

from wattpath.hardware import Chip, load_chip
from wattpath.hardware.chip import TOPOLOGIES
from wattpath.hardware.collectives import (
    all_gather_s,
    all_reduce_s,
    all_to_all_s,
    fused_all_reduce_s,
    local_ranks,
    reduce_scatter_s,
    ring_steps,
    scaleup_rate,
    send_s,
)

OPERATIONS = (all_gather_s, reduce_scatter_s, all_reduce_s, all_to_all_s, fused_all_reduce_s)

#: Source aiconfigurator-kernels (NCCL, 8 ranks): chip, operation, bytes, microseconds, and
#: the error that may only shrink.
PUBLISHED = (
    ("nvidia-a100-sxm4-80gb", all_gather_s, 8192, 14.58, 0.20),
    ("nvidia-a100-sxm4-80gb", all_gather_s, 536870912, 2288.0, 0.10),
    ("nvidia-a100-sxm4-80gb", all_reduce_s, 536870912, 4225.9, 0.10),
    ("nvidia-h100-sxm", all_gather_s, 536870912, 1424.6, 0.05),
    ("nvidia-h100-sxm", reduce_scatter_s, 16777216, 73.7, 0.10),
    ("nvidia-h100-sxm", all_reduce_s, 8192, 16.35, 0.10),
    ("nvidia-h100-sxm", all_to_all_s, 536870912, 1468.6, 0.10),
    ("nvidia-b200-sxm", all_gather_s, 536870912, 760.3, 0.10),
    ("nvidia-b200-sxm", all_reduce_s, 536870912, 1339.8, 0.15),
    ("nvidia-b200-sxm", all_to_all_s, 8192, 10.39, 0.40),
)


@pytest.fixture(scope="module")
def chip() -> Chip:
    return load_chip("nvidia-h100-sxm")


@pytest.mark.parametrize("row", PUBLISHED)
def test_published_times(row: tuple[str, object, float, float, float]) -> None:
    key, operation, nbytes, microseconds, bound = row
    predicted = operation(load_chip(key), float(nbytes), 8.0)  # type: ignore[operator]
    assert predicted * 1e6 == pytest.approx(microseconds, rel=bound)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_one_rank_takes_no_time(chip: Chip, operation: object) -> None:
    assert operation(chip, 1e9, 1.0) == 0.0  # type: ignore[operator]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_time_grows_smoothly_with_bytes(chip: Chip, operation: object) -> None:
    for ranks, stride in ((8.0, 1.0), (64.0, 1.0), (16.0, 8.0)):
        before = operation(chip, 1e3, ranks, stride)  # type: ignore[operator]
        for i in range(1, 300):
            now = operation(chip, 1e3 * 1.05**i, ranks, stride)  # type: ignore[operator]
            assert before <= now <= 1.06 * before
            before = now


def test_large_all_reduce_reaches_the_known_bus_rate(chip: Chip) -> None:
    nbytes = 1e12
    bus = nbytes * 2.0 * 7.0 / 8.0 / all_reduce_s(chip, nbytes, 8.0)
    assert bus == pytest.approx(chip.scaleup_bytes_s * chip.scaleup_eff, rel=0.01)


def test_group_across_servers_is_bound_by_the_network(chip: Chip) -> None:
    nbytes = 1e11
    outside = nbytes * 7.0 / 8.0 / (chip.scaleout_bytes_s * chip.scaleout_eff)
    assert all_gather_s(chip, nbytes, 8.0, 8.0) == pytest.approx(outside, rel=0.1)
    parts = nbytes / 8.0 * 7.0 / 8.0 / (chip.scaleout_bytes_s * chip.scaleout_eff)
    assert parts < all_gather_s(chip, nbytes, 64.0) < all_gather_s(chip, nbytes, 8.0, 8.0)


def test_sixteen_servers_come_near_the_rate_of_their_ports(chip: Chip) -> None:
    """Published for 400 Gb/s ports: 46 to 48 GB/s each, 370 GB/s for the server's eight."""
    nbytes = 16e9
    bus = nbytes * 2.0 * (1.0 - 1.0 / 128.0) / all_reduce_s(chip, nbytes, 128.0)
    assert 330e9 < bus < 380e9


def test_a_ring_over_two_servers_carries_nearly_all_of_it_over_the_border(chip: Chip) -> None:
    """2 (n - 1) / n of the tensor crosses, shared by the ports of a server's chips."""
    nbytes = 1e11
    border = 2.0 * nbytes * (1.0 - 1.0 / 16.0) / 8.0 / (chip.scaleout_bytes_s * chip.scaleout_eff)
    fast = chip._replace(scaleup_bytes_s=10.0 * chip.scaleup_bytes_s)
    assert all_reduce_s(fast, nbytes, 16.0) == pytest.approx(border, rel=0.01)


def test_two_servers_take_tens_of_microseconds_for_a_small_sum(chip: Chip) -> None:
    """Published for 16 ranks on two servers: 46 us."""
    assert 25e-6 < all_reduce_s(chip, 64.0, 16.0) < 50e-6


def test_oversubscription_slows_only_what_leaves_the_domain(chip: Chip) -> None:
    thin = chip._replace(oversubscription=3.0)
    assert all_reduce_s(thin, 1e9, 8.0) == all_reduce_s(chip, 1e9, 8.0)
    assert all_reduce_s(thin, 1e10, 16.0, 8.0) > 2.5 * all_reduce_s(chip, 1e10, 16.0, 8.0)


def test_wider_domain_is_faster_than_two_tiers(chip: Chip) -> None:
    rack = chip._replace(scaleup_domain=72.0)
    assert all_to_all_s(rack, 1e8, 64.0) < 0.5 * all_to_all_s(chip, 1e8, 64.0)


def test_stride_decides_how_many_ranks_are_local(chip: Chip) -> None:
    assert local_ranks(chip, 64.0) == 8.0
    assert local_ranks(chip, 64.0, 4.0) == 2.0
    assert local_ranks(chip, 64.0, 16.0) == 1.0


def test_missing_link_never_finishes(chip: Chip) -> None:
    alone = chip._replace(scaleout_bytes_s=0.0)
    assert math.isinf(all_reduce_s(alone, 1e6, 16.0))
    assert math.isfinite(all_reduce_s(alone, 1e6, 8.0))
    assert math.isinf(send_s(alone, 1e6, 8.0))


def test_ring_joins_the_tree_without_a_kink() -> None:
    assert ring_steps(8.0) == 7.0
    assert ring_steps(8.001) - ring_steps(8.0) == pytest.approx(0.001, rel=1e-2)
    assert ring_steps(72.0) < 71.0


def test_topologies_share_links_as_they_are_wired(chip: Chip) -> None:
    full = chip.scaleup_bytes_s * chip.scaleup_eff
    mesh = chip._replace(topology=TOPOLOGIES["mesh"])
    assert scaleup_rate(mesh, 8.0) == pytest.approx(full)
    assert scaleup_rate(mesh, 2.0) == pytest.approx(full / 7.0)
    torus = chip._replace(topology=TOPOLOGIES["torus-3d"], scaleup_domain=4096.0)
    assert scaleup_rate(torus, 4096.0) == pytest.approx(full)
    assert scaleup_rate(torus, 16.0) == pytest.approx(full / 3.0)
    bus = chip._replace(topology=TOPOLOGIES["bus"], bus_sharing=1.0)
    assert scaleup_rate(bus, 8.0) == pytest.approx(full / 4.0)
    assert send_s(mesh, 1e9) > 6.0 * send_s(chip, 1e9)


def test_torus_all_to_all_is_bound_by_its_middle(chip: Chip) -> None:
    torus = chip._replace(topology=TOPOLOGIES["torus-3d"], scaleup_domain=4096.0)
    switch = chip._replace(scaleup_domain=4096.0)
    assert all_to_all_s(torus, 1e11, 4096.0) > 8.0 * all_to_all_s(switch, 1e11, 4096.0)


def test_engine_all_reduce_is_never_slower_than_the_library(chip: Chip) -> None:
    for nbytes in (1e3, 1e5, 1e7, 1e9):
        assert fused_all_reduce_s(chip, nbytes, 8.0) <= all_reduce_s(chip, nbytes, 8.0)
    assert fused_all_reduce_s(chip, 8192.0, 8.0) < 0.5 * all_reduce_s(chip, 8192.0, 8.0)


def test_functions_equal_plain_python(chip: Chip) -> None:
    for operation in OPERATIONS:
        args = (chip, 3e6, 24.0, 2.0)
        assert operation(*args) == pytest.approx(operation.py_func(*args), rel=1e-12)
