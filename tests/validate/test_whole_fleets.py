"""Labels that count all chips of a deployment, and the parts that they are taken to be."""

from __future__ import annotations

import pytest

from wattpath.hardware.chip import load_chip
from wattpath.serving.engine import load_engine
from wattpath.serving.layout import Layout, chips
from wattpath.validate.serving_rows import model_shape, read_formats, read_setup
from wattpath.validate.whole_fleets import counts_all_chips, fastest_parts, label

DEEPSEEK = "DeepSeek-V3"


@pytest.fixture(scope="module")
def case():
    chip, shape = load_chip("GB200"), model_shape(DEEPSEEK)
    return chip, shape, read_formats("fp4", ""), load_engine("tensorrt-llm")


@pytest.mark.parametrize(
    ("tp", "dp", "ep", "whole"),
    [
        (36.0, 1.0, 1.0, True),
        (64.0, 1.0, 1.0, True),
        (16.0, 1.0, 1.0, False),
        (64.0, 1.0, 8.0, False),
        (1.0, 32.0, 32.0, False),
    ],
)
def test_only_labels_wider_than_attention_count_all_chips(
    tp: float, dp: float, ep: float, whole: bool
) -> None:
    assert counts_all_chips(model_shape(DEEPSEEK), tp, dp, ep) is whole
    assert not counts_all_chips(model_shape("Llama 3.1 70B"), tp, dp, ep)


def test_parts_use_every_chip_and_suit_the_users(case) -> None:
    few = fastest_parts(case, 36, 8.0, 1024.0, 1024.0)
    many = fastest_parts(case, 36, 2048.0, 1024.0, 1024.0)
    for parts in (few, many):
        ahead = parts.prefill_workers * chips(parts.first)
        assert ahead + parts.decode_workers * chips(parts.then) == 36.0
    assert few.then.tp > 1.0
    assert many.then.dp > 1.0
    assert label(few) != label(many)


def test_chips_that_hold_no_worker_have_no_parts(case) -> None:
    assert fastest_parts(case, 3, 8.0, 1024.0, 1024.0) is None


def test_a_row_with_such_a_label_says_what_it_is_taken_for() -> None:
    row = {
        "model": DEEPSEEK, "chip": "GB200", "tp": "36", "precision_weights": "fp4",
        "engine": "trtllm", "isl": "1024", "osl": "1024", "concurrency": "64",
    }  # fmt: skip
    setup = read_setup(row, "fp4", "")
    assert setup.whole == 36
    assert "all chips" in setup.note
    assert setup.layout == Layout()
