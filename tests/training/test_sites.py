"""Several sites: traffic follows the ring, low communication needs little of it."""

from __future__ import annotations

import pytest

from wattpath.errors import InputError
from wattpath.training.sites import load_sync, several_sites

GBIT = 0.125e9


def test_one_site_needs_no_network() -> None:
    result = several_sites(10.0, 70e9, 1, 0.0, load_sync("synchronous"))
    assert (result.step_s, result.efficiency) == (10.0, 1.0)


def test_traffic_is_that_of_a_ring() -> None:
    sync = load_sync("synchronous")._replace(overlap=0.0)
    result = several_sites(10.0, 1e9, 4, 1e9, sync, latency_s=0.0)
    assert result.exposed_s == pytest.approx(2.0 * 0.75 * 2.0)
    assert result.wan_mean_bytes_s * result.step_s == pytest.approx(2.0 * 0.75 * 2e9)


def test_low_communication_saves_by_orders_of_magnitude() -> None:
    """Published: 500 inner steps send some 0.2 % of the bytes of data parallelism."""
    every, rare = (
        several_sites(10.0, 70e9, 8, 100.0 * GBIT, load_sync(name))
        for name in ("synchronous", "diloco")
    )
    share = rare.wan_mean_bytes_s * rare.step_s / (every.wan_mean_bytes_s * every.step_s)
    assert share == pytest.approx(0.002 * 2.0, rel=0.01)
    assert rare.efficiency > every.efficiency


def test_streaming_hides_what_blocking_exposes() -> None:
    block = several_sites(10.0, 70e9, 8, 10.0 * GBIT, load_sync("diloco"))
    stream = several_sites(10.0, 70e9, 8, 10.0 * GBIT, load_sync("streaming-diloco"))
    assert stream.exposed_s < block.exposed_s
    assert stream.wan_peak_bytes_s < 10.0 * GBIT


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError, match="sites"):
        several_sites(1.0, 1e9, 0, 1e9, load_sync("diloco"))
    with pytest.raises(InputError, match="wan"):
        several_sites(1.0, 1e9, 2, 0.0, load_sync("diloco"))
