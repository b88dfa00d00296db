"""The card of a model."""

from __future__ import annotations

import json

import pytest

from wattpath import catalog
from wattpath.models import describe, load


def test_card_says_what_the_kernels_say() -> None:
    card = describe(load("deepseek-v3"))
    assert [row.context for row in card.work] == [1024, 8192, 32768, 131072]
    assert card.memory[0].kv_bytes_per_token == 70272
    assert card.memory[1].kv_bytes_per_token == 70272 / 2
    assert card.memory[0].kv_bytes[1] == 70272 * 8192
    assert abs(card.total_error or 1.0) < 0.001
    assert card.released_weight_bytes == card.memory[1].weight_bytes


def test_text_names_source_parts_and_error() -> None:
    text = describe(load("qwen3-next-80b-a3b")).explain()
    for word in ("Alibaba", "qwen3-next-card", "experts", "state", "against the published", "FLOP"):
        assert word in text


def test_rows_and_data_hold_the_same_numbers() -> None:
    card = describe(load("llama-3-1-8b"))
    rows = {(row.section, row.quantity): row.value for row in card.rows()}
    data = json.loads(json.dumps(card.to_dict()))
    assert rows["parameters", "total"] == data["parameters"]["total"] == 8030261248
    assert rows["memory", "cache at 16 bit"] == data["memory"][0]["kv_bytes_per_token"]
    assert len(card.to_frame()) == len(rows)


@pytest.mark.parametrize("key", catalog.names("model"))
def test_every_known_model_has_a_card(key: str) -> None:
    if catalog.load("model", key).text("refused"):
        return
    card = describe(load(key))
    assert card.explain()
    assert all(row.value >= 0 for row in card.rows())
