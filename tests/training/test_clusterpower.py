"""Power of servers and clusters over a step, against published measurements."""

from __future__ import annotations

import pytest

from wattpath.hardware import load_server
from wattpath.training import Layout, train
from wattpath.training.clusterpower import ClusterPower, cluster_power
from wattpath.training.energy import StepPower

SERVER = load_server("nvidia-dgx-h100")
BUSY = StepPower(600.0, 680.0, 200.0, 480.0, 0.15, 10.0, 0.5, 0.1)


def test_a_training_server_draws_what_was_measured_and_not_its_plate() -> None:
    """Eight H100 on Llama 2 13B: at most 8.4 kW of a rated 10.2 (arXiv:2412.08602); heavy
    training takes 76 % of the plate on average (arXiv:2506.14551).
    """
    layout = Layout(dp=8.0, zero=3.0, recompute=2.0, micro_batch=2.0)
    answer = train("Llama 2 13B", "H100", 8.0, layout=layout, sequence=4096.0, batch=128.0)
    assert answer.power is not None
    server = cluster_power(SERVER, 8.0, answer.power)
    assert server.server_peak_w == pytest.approx(8.4e3, rel=0.05)
    assert server.server_mean_w / server.server_rated_w == pytest.approx(0.76, abs=0.1)


def test_sixteen_thousand_chips_swing_by_tens_of_megawatts() -> None:
    """Llama 3 on 16,384 H100: fluctuations "on the order of tens of megawatts"."""
    layout = Layout(tp=8.0, pp=16.0, vpp=4.0, dp=128.0, zero=1.0, recompute=1.0)
    answer = train(
        "Llama 3.1 405B", "H100", 16384.0, layout=layout, sequence=8192.0, batch=2048.0,
        fabric="roce-400-thin",
    )  # fmt: skip
    assert answer.feasible, answer.reason
    assert answer.cluster is not None
    assert 5e6 < answer.cluster.it_swing_w < 40e6
    assert answer.cluster.it_mean_w < answer.cluster.it_peak_w < 16384.0 / 8.0 * 10.2e3
    assert 0.33 < answer.mfu < 0.5  # 0.38 to 0.41 were published for this run


def test_swings_add_up_over_servers_and_vanish_without_waiting() -> None:
    one, many = (cluster_power(SERVER, chips, BUSY) for chips in (8.0, 800.0))
    assert many.it_swing_w == pytest.approx(100.0 * one.it_swing_w)
    assert one.it_swing_w > 8.0 * BUSY.swing_w  # fans and supplies follow the chips
    flat = BUSY._replace(trough_w=BUSY.plateau_w)
    assert cluster_power(SERVER, 8.0, flat).it_swing_w == 0.0
    assert isinstance(one, ClusterPower)
