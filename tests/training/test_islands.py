"""Islands of one cluster: the exchange that is left, and what each island must hold alone."""

from __future__ import annotations

import math

import pytest

from wattpath import hardware, levers, models
from wattpath.training.deployment import TrainingRun
from wattpath.training.deployment import candidates as whole
from wattpath.training.islands import candidates, sync_of
from wattpath.training.sites import several_sites

SHAPE = models.load("Llama 3.1 8B").shape
SERVER = hardware.load_server("nvidia-dgx-h100")
RUN = TrainingRun(1e12, 8192.0, 512.0 * 8192.0)
PLAIN = levers.TrainingSettings()


def test_without_the_lever_the_cluster_is_one() -> None:
    both = [ways(SHAPE, RUN, SERVER, PLAIN, [128.0]) for ways in (candidates, whole)]
    assert both[0] == both[1]
    assert sync_of(PLAIN).inner_steps == 1.0


def test_islands_make_the_tokens_of_their_clusters_less_the_exchange() -> None:
    chosen = levers.by_names(["low-communication"])
    settings = levers.apply_training(chosen, PLAIN)
    (found,) = candidates(SHAPE, RUN, SERVER, settings, [128.0]).points[:1]
    assert found.chips == 128.0
    assert "islands" in found.label
    (one,) = whole(SHAPE, RUN, SERVER, PLAIN, [128.0]).points[:1]
    assert 0.9 < found.tokens_per_s / one.tokens_per_s < 1.2
    assert found.goodput == pytest.approx(one.goodput)  # a stop of any holds up all
    assert found.days == pytest.approx(RUN.tokens / found.tokens_per_s / 86400.0)


def test_the_lever_spares_the_traffic_it_says() -> None:
    chosen = levers.by_names(["low-communication"])
    seldom = sync_of(levers.apply_training(chosen, PLAIN))
    share = chosen[0].sets["site_traffic"].value
    every = sync_of(PLAIN)._replace(overlap=0.0)
    often, rare = (
        several_sites(10.0, 70e9, 2, 1e9, sync, latency_s=0.0) for sync in (every, seldom)
    )
    assert rare.exposed_s / often.exposed_s == pytest.approx(share)
    sent = rare.wan_mean_bytes_s * rare.step_s / (often.wan_mean_bytes_s * often.step_s)
    assert sent == pytest.approx(share)


def test_what_no_island_divides_is_one_cluster() -> None:
    settings = PLAIN._replace(site_traffic=0.01)
    found = candidates(SHAPE, RUN, SERVER, settings, [24.0])
    assert all("islands" not in point.label for point in found.points)
    assert not found.points or math.isfinite(found.points[0].step_s)
