"""The whole answer: given layouts, searched ones, infeasible ones, and their pictures."""

from __future__ import annotations

import json

import pytest

from wattpath.errors import InputError, UnknownNameError
from wattpath.training import Layout, Space
from wattpath.training.answer import TrainingAnswer, train
from wattpath.training.memory import Memory
from wattpath.training.picture import memory_bar, timeline_rows
from wattpath.training.schedule import simulate

SMALL = Space(tp=(1.0, 2.0, 4.0, 8.0), micro_batch=(1.0, 2.0), schedule=(1.0,))


@pytest.fixture(scope="module")
def answer() -> TrainingAnswer:
    return train("Llama 3.1 8B", "H100", 64.0, space=SMALL, sequence=8192.0, tokens=1e12)


def test_parts_and_uses_add_up(answer: TrainingAnswer) -> None:
    assert answer.feasible
    assert answer.chosen is not None
    assert answer.memory is not None
    assert sum(answer.parts_s.values()) == pytest.approx(answer.chosen.step_s)
    assert sum(answer.memory[:-1]) == pytest.approx(answer.memory.total)
    assert answer.chosen == answer.top[0]


def test_the_list_is_in_the_order_of_the_times_it_shows(answer: TrainingAnswer) -> None:
    shown = [item.step_s for item in answer.top]
    assert len(shown) == 10
    assert shown == sorted(shown)
    assert answer.chosen is not None
    assert answer.chosen.step_s == min(shown)


def test_run_totals_follow_from_the_rate(answer: TrainingAnswer) -> None:
    assert answer.days * 86400.0 * answer.tokens_per_s == pytest.approx(1e12)
    assert answer.power is not None
    assert answer.energy_j == pytest.approx(answer.days * 86400.0 * 64 * answer.power.mean_w)
    assert 0.2 < answer.mfu < 0.7


def test_nothing_on_the_front_is_dominated(answer: TrainingAnswer) -> None:
    assert len(answer.front) > 1
    assert answer.front[0].step_s == answer.top[0].step_s
    for a in answer.front:
        for b in answer.front:
            better = a.step_s < b.step_s and a.memory_bytes < b.memory_bytes
            assert not (better and a.energy_j < b.energy_j)


def test_evidence_and_plain_data(answer: TrainingAnswer) -> None:
    assert answer.evidence in ("measured", "derived", "estimate")
    assert 0.05 < answer.relative_range < 1.0
    text = json.dumps(answer.to_json())
    assert '"tp"' in text


def test_every_layout_has_a_range_and_a_grade_of_its_own(answer: TrainingAnswer) -> None:
    for item in (*answer.top, *answer.front):
        assert item.low_s < item.step_s < item.high_s
        assert (item.evidence == "estimate") == bool(item.gaps)
    assert "runs of NVIDIA H100" in answer.note


def test_servers_draw_more_than_their_chips_and_less_than_their_plate(
    answer: TrainingAnswer,
) -> None:
    cluster, power = answer.cluster, answer.power
    assert cluster is not None
    assert power is not None
    assert 8.0 * power.mean_w < cluster.server_mean_w < cluster.server_peak_w
    assert cluster.server_peak_w < cluster.server_rated_w
    assert cluster.it_mean_w == pytest.approx(8.0 * cluster.server_mean_w)
    assert cluster.it_swing_w < cluster.it_peak_w


def test_several_sites_share_the_chips_and_wait_for_their_network() -> None:
    def run(sites: int, sync: str) -> TrainingAnswer:
        return train(
            "Llama 3.1 8B", "H100", 64.0, layout=Layout(dp=64.0 / sites, zero=3.0), batch=512.0,
            sites=sites, wan_bytes_s=1e9, sync=sync, tokens=1e12,
        )  # fmt: skip

    one, each, seldom = run(1, "synchronous"), run(2, "synchronous"), run(2, "diloco")
    assert one.sites is None
    assert each.sites is not None
    assert one.days < seldom.days < each.days
    with pytest.raises(InputError, match="divide the chips"):
        run(3, "diloco")


def test_a_thin_fabric_slows_and_costs_less() -> None:
    layout = Layout(tp=1.0, dp=64.0, zero=3.0)
    full, thin = (
        train("Llama 3.1 8B", "H100", 64.0, layout=layout, batch=512.0, fabric="roce-400",
              oversubscription=x)
        for x in (1.0, 8.0)
    )  # fmt: skip
    assert full.extras is not None
    assert thin.extras is not None
    assert thin.extras.network_usd < full.extras.network_usd
    assert "the network roce-400" in full.chosen.gaps  # type: ignore[union-attr]


def test_given_layouts_are_answered_or_refused_with_a_margin() -> None:
    good = train("Llama 3.1 8B", "H100", 8.0, layout=Layout(tp=8), batch=64.0)
    assert good.feasible
    wrong = train("Llama 3.1 8B", "H100", 8.0, layout=Layout(tp=4), batch=64.0)
    assert "4 against 8 chips" in wrong.reason
    full = train("Llama 3.1 405B", "H100", 8.0, layout=Layout(tp=8), batch=64.0)
    assert not full.feasible
    assert "B over" in full.reason


def test_storage_and_network_are_priced(answer: TrainingAnswer) -> None:
    assert answer.extras is not None
    assert answer.extras.storage_units >= 1.0
    assert answer.extras.network_usd > 0.0
    assert answer.extras.network_w > 0.0


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownNameError):
        train("Llama 3.1 8B", "H1000", 8.0)


def test_pictures_fill_their_width() -> None:
    memory = Memory(20.0, 20.0, 10.0, 20.0, 5.0, 5.0, 80.0)
    bar = memory_bar(memory, 100.0, 50)
    assert len(bar) == 50
    assert bar.count("W") == 10
    assert bar.endswith("." * 10)
    assert memory_bar(memory, 40.0, 50).endswith("!")
    rows = timeline_rows(simulate("1f1b", 4, 8, 1.0, 2.0), 66)
    assert [len(row) for row in rows] == [66] * 4
    assert rows[0].startswith("00")
    assert rows[3].startswith(".")


def test_pipelines_are_played() -> None:
    layout = Layout(tp=2, pp=4, vpp=2, dp=1)
    answer = train("Llama 3.1 8B", "H100", 8.0, layout=layout, batch=64.0)
    assert len(answer.pipeline) == 4
    assert answer.pipeline[3].startswith(".")
    assert train("Llama 3.1 8B", "H100", 8.0, layout=Layout(tp=8), batch=64.0).pipeline == ()
