"""Names and files lead to the same models."""

from __future__ import annotations

from pathlib import Path

import pytest

from wattpath import catalog
from wattpath.errors import FileInputError, UnknownNameError
from wattpath.models import load

CONFIGS = Path(__file__).parent / "configs"


def test_key_name_and_alias_are_one_model() -> None:
    assert load("llama-3-1-8b") == load("Llama 3.1 8B") == load("meta-llama/llama-3.1-8b")


def test_a_file_and_its_folder_are_accepted_where_a_name_is(tmp_path: Path) -> None:
    text = (CONFIGS / "gpt2.json").read_text()
    folder = tmp_path / "tiny-model"
    folder.mkdir()
    (folder / "config.json").write_text(text)
    by_file, by_folder = load(str(folder / "config.json")), load(str(folder))
    assert by_file.shape == by_folder.shape
    assert by_file.name == "tiny-model"


def test_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"demand.model.*Did you mean .*DeepSeek-V3"):
        load("DeepSeekV3", "demand.model")


def test_missing_file_is_named() -> None:
    with pytest.raises(FileInputError, match=r"nowhere.json must be a readable config.json"):
        load("nowhere.json")


def test_entries_name_sources_and_evidence() -> None:
    used = {q.source for e in catalog.entries("model") for q in e.quantities.values()}
    assert used <= set(catalog.sources())
    assert load("deepseek-v3").evidence == "datasheet"
    assert load("mistral-large-3").evidence == "derived"
    assert load("mistral-large-3").notes
