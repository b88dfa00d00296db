"""Fabrics of the catalogue on a chip: rates, wiring, thin cores, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath.errors import InputError, UnknownNameError
from wattpath.hardware import Chip, load_chip
from wattpath.hardware.collectives import all_reduce_s, all_to_all_s, send_s
from wattpath.hardware.fabric import slice_of, with_fabric
from wattpath.hardware.scaleout import even_load, neighbour_port, network_latency_s


@pytest.fixture(scope="module")
def chip() -> Chip:
    return load_chip("nvidia-h100-sxm")


def test_no_name_keeps_the_links(chip: Chip) -> None:
    assert with_fabric(chip) == chip


def test_a_domain_of_72_keeps_groups_inside(chip: Chip) -> None:
    rack = with_fabric(chip, "nvlink-5", domain=72.0)
    assert all_reduce_s(rack, 1e10, 8.0, 8.0) < 0.1 * all_reduce_s(chip, 1e10, 8.0, 8.0)


NETWORKS = ("infiniband-ndr", "spectrum-x-400", "slingshot-11", "roce-400")


@pytest.mark.parametrize("name", NETWORKS)
def test_large_rings_reach_the_share_of_the_port_that_the_fabric_gives(
    chip: Chip, name: str
) -> None:
    """Only where a ring's neighbours all sit under other leaves do thin uplinks bind."""
    full, thin = with_fabric(chip, name), with_fabric(chip, name, 4.0)
    far = max(full.leaf_chips, 8.0)
    args = (1e11, 32.0, far)
    port = full.scaleout_bytes_s * full.scaleout_eff
    assert all_reduce_s(full, *args) == pytest.approx(2e11 * 31.0 / 32.0 / port, rel=0.02)
    assert all_reduce_s(thin, *args) == pytest.approx(4.0 * all_reduce_s(full, *args), rel=0.02)
    assert all_reduce_s(thin, 1e9, 8.0) == all_reduce_s(full, 1e9, 8.0)


def test_ranks_of_one_rail_stay_on_their_leaf(chip: Chip) -> None:
    """32 servers share eight leaves of 32 ports: a thin core does not touch their sums."""
    full, thin = with_fabric(chip, "infiniband-ndr"), with_fabric(chip, "infiniband-ndr", 8.0)
    assert full.leaf_chips == 256.0
    assert all_reduce_s(thin, 1e10, 32.0, 8.0) == all_reduce_s(full, 1e10, 32.0, 8.0)
    assert all_to_all_s(thin, 1e10, 256.0) == all_to_all_s(full, 1e10, 256.0)
    assert all_to_all_s(thin, 1e10, 512.0) > 3.0 * all_to_all_s(full, 1e10, 512.0)
    racks = with_fabric(chip, "roce-400", 8.0)
    assert all_to_all_s(racks, 1e10, 256.0) > 5.0 * all_to_all_s(
        with_fabric(chip, "roce-400"), 1e10, 256.0
    )


def test_a_ring_crosses_a_thin_core_once_per_leaf(chip: Chip) -> None:
    """Neighbours of one ring fill a leaf, so that one of their links in 32 leaves it."""
    full, thin = with_fabric(chip, "infiniband-ndr"), with_fabric(chip, "infiniband-ndr", 8.0)
    near, far = (1e10, 256.0, 8.0), (1e10, 8.0, 256.0)
    assert all_reduce_s(thin, *near) == pytest.approx(all_reduce_s(full, *near))
    assert all_reduce_s(thin, *far) > 7.0 * all_reduce_s(full, *far)
    assert send_s(thin, 1e9, 256.0) > 7.0 * send_s(full, 1e9, 256.0)
    assert send_s(thin, 1e9, 8.0) == send_s(full, 1e9, 8.0)


def test_pods_of_a_published_cluster_meet_its_thin_top(chip: Chip) -> None:
    """Llama 3: pods of 3,072 at full rate and a seventh of it between them."""
    net = with_fabric(chip, "roce-400-thin")
    port = net.scaleout_bytes_s * net.scaleout_eff
    assert neighbour_port(net, 8.0, 3072.0) == net.scaleout_bytes_s
    assert neighbour_port(net, 3072.0, 6144.0) == pytest.approx(net.scaleout_bytes_s / 7.0)
    inside = all_to_all_s(net, 1e10, 3072.0)
    assert inside == pytest.approx(1e10 * (1.0 - 8.0 / 3072.0) / port, rel=0.05)
    assert all_to_all_s(net, 1e10, 24576.0) > 5.0 * inside


def test_a_dragonfly_has_few_hops_and_a_thin_middle(chip: Chip) -> None:
    fly = with_fabric(chip, "slingshot-11")
    tree = fly._replace(leaf_hop_s=2.0 * fly.leaf_hop_s, detour=1.0)
    inside = network_latency_s(fly, fly.network_step_s, 2.0, 16.0)
    group = network_latency_s(fly, fly.network_step_s, 64.0, 512.0)
    across = network_latency_s(fly, fly.network_step_s, 128.0, 1024.0)
    assert inside / 1.0 < group / 6.0 < across / 7.0
    assert group < network_latency_s(tree, tree.network_step_s, 64.0, 512.0)
    assert neighbour_port(fly, 512.0, 1024.0) < neighbour_port(tree, 512.0, 1024.0)
    assert even_load(fly, 512.0, 1.0) < 1.0 < even_load(fly, 4096.0, 1.0)


@settings(deadline=None)
@given(
    ranks=st.floats(2.0, 4096.0),
    stride=st.sampled_from((1.0, 2.0, 8.0, 64.0, 512.0)),
    name=st.sampled_from(NETWORKS),
)
def test_a_thinner_core_is_never_faster(ranks: float, stride: float, name: str) -> None:
    base = load_chip("nvidia-h100-sxm")
    full, thin = with_fabric(base, name), with_fabric(base, name, 3.0)
    for operation in (all_reduce_s, all_to_all_s):
        assert operation(thin, 1e8, ranks, stride) >= operation(full, 1e8, ranks, stride)


def test_a_slow_fabric_takes_longer_for_small_messages(chip: Chip) -> None:
    fast, slow = with_fabric(chip, "infiniband-ndr"), with_fabric(chip, "efa-v3")
    assert fast.network_step_s == chip.network_step_s
    assert all_reduce_s(slow, 1e3, 64.0) > 1.3 * all_reduce_s(fast, 1e3, 64.0)
    assert slow.scaleout_eff < fast.scaleout_eff


def test_a_small_job_is_given_a_cube_of_the_torus(chip: Chip) -> None:
    pod = load_chip("TPU v5p")
    cube = slice_of(pod, 64.0)
    assert cube.scaleup_domain == 64.0
    assert all_reduce_s(cube, 1e9, 16.0) < all_reduce_s(pod, 1e9, 16.0)
    assert slice_of(chip, 4.0) == chip


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
