"""Grades are earned: what published runs cover, how wide the range is, what is named."""

from __future__ import annotations

import pytest

from wattpath import catalog
from wattpath.hardware import load_chip
from wattpath.training.evidence import SENT, basis, judge, kinds, nearest_runs
from wattpath.training.layout import Layout
from wattpath.training.steptime import Step

CHIP = load_chip("H100")
STEP = Step(10.0, 6.0, 0.5, 1.0, 0.5, 0.5, 0.1, 0.2, 0.6, 0.3, 0.2, 0.1, 60e9, 1e15, 1e15)
COVERED = Layout(tp=8.0, pp=4.0, vpp=2.0, dp=2.0)


def known(**changes: object):  # type: ignore[no-untyped-def]
    asked = {"chip": "H100", "trainer": "current", "bits": 16.0, "chips": 256.0} | changes
    return basis(**asked)  # type: ignore[arg-type]


def test_what_runs_have_used_is_derived() -> None:
    found = judge(known(), COVERED, CHIP, STEP, STEP)
    assert found.grade == "derived"
    assert found.gaps == ()
    assert found.low_s < STEP.step_s < found.high_s
    assert found.high_s / STEP.step_s < 1.4


@pytest.mark.parametrize(
    ("layout", "word"),
    [
        (COVERED._replace(cp=2.0, context=1.0), "ring"),
        (COVERED._replace(vpp=1.0, schedule=3.0), "zero-bubble"),
        (COVERED._replace(tp=32.0), "more than two servers"),
        (COVERED._replace(offload=0.5), "host memory"),
    ],
)
def test_what_no_run_has_used_is_named_and_widens_the_range(layout: Layout, word: str) -> None:
    covered = judge(known(), COVERED, CHIP, STEP, STEP)
    found = judge(known(), layout, CHIP, STEP, STEP)
    assert found.grade == "estimate"
    assert any(word in gap for gap in found.gaps)
    assert found.high_s > covered.high_s
    assert found.low_s < covered.low_s


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"bits": 4.0}, "4 bit"),
        ({"chips": 16384.0}, "more than"),
        ({"fabric": "slingshot-11"}, "slingshot-11"),
        ({"chip": "MI300X"}, "this chip"),
    ],
)
def test_jobs_beyond_the_runs_say_so(changes: dict[str, object], word: str) -> None:
    covered = judge(known(), COVERED, CHIP, STEP, STEP)
    found = judge(known(**changes), COVERED, CHIP, STEP, STEP)
    assert any(word in gap for gap in found.gaps)
    assert found.high_s - found.low_s > covered.high_s - covered.low_s


def test_an_untested_schedule_may_fall_back_to_the_plain_one() -> None:
    layout = COVERED._replace(vpp=1.0, schedule=3.0)
    plain = STEP._replace(bubble_s=5.0, step_s=14.4)
    assert judge(known(), layout, CHIP, STEP, plain).high_s > plain.step_s


def test_chips_without_runs_take_the_nearest() -> None:
    assert nearest_runs("H200").text("chip") == "nvidia-h200-sxm"
    assert "h" in nearest_runs("H800").text("chip").split("-")[1]
    assert nearest_runs("MI300X").text("chip")


def test_words_are_those_of_the_catalogue() -> None:
    everything = Layout(tp=8.0, pp=2.0, vpp=2.0, cp=2.0, ep=2.0, dp=2.0, zero=1.0)
    words = set(kinds(everything, CHIP)) | set(kinds(Layout(dp=8.0, zero=3.0), CHIP))
    stated = {word for entry in catalog.entries("coverage") for word in entry.texts("kinds")}
    assert stated <= words
    assert set(SENT) <= set(Step._fields)
