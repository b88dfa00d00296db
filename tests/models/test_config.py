"""Configurations of real models, and files that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wattpath import catalog
from wattpath.errors import FileInputError, InputError
from wattpath.models import load, read_config
from wattpath.models.config_families import FAMILIES

CONFIGS = Path(__file__).parent / "configs"
FILES = {file.stem: file for file in sorted(CONFIGS.glob("*.json"))}
CATALOGUED = [name for name in FILES if name in catalog.names("model")]

#: Elements of the released weights of models that the catalogue does not hold.
RELEASED = {
    "chatglm3-6b": 6_243_584_000,
    "command-r-35b": 34_980_831_232,
    "command-r7b": 8_028_033_024,
    "deepseek-moe-16b": 16_375_728_128,
    "dots-llm1": 142_774_381_696,
    "ernie-4-5-0-3b": 360_748_032,
    "ernie-4-5-21b": 21_825_437_888,
    "exaone-4-1-2b": 1_279_391_488,
    "falcon-7b": 7_217_189_760,
    "gemma-2b": 2_506_172_416,
    "gemma-3-1b": 999_885_952,
    "glm-4-9b": 9_399_951_360,
    "glm-4-9b-0414": 9_400_279_040,
    "gpt-j-6b": 6_050_882_784,
    "gpt-neox-20b": 20_554_567_680,
    "gpt2": 124_439_808,
    "granite-3-1-8b": 8_170_848_256,
    "granite-4-0-h-tiny": 6_939_037_248,
    "hunyuan-a13b": 80_393_183_232,
    "internlm2-7b": 7_737_708_544,
    "ling-lite": 16_801_974_272,
    "mamba-130m": 129_135_360,
    "mpt-7b": 6_649_286_656,
    "olmo-1b": 1_176_764_416,
    "olmo-3-7b": 7_298_011_136,
    "olmoe-7b": 6_919_161_856,
    "opt-125m": 125_239_296,
    "phi-2": 2_779_683_840,
    "phi-3-5-moe": 41_873_153_344,
    "phi-3-mini": 3_821_079_552,
    "qwen1-5-moe-a2-7b": 14_315_784_192,
    "seed-oss-36b": 36_151_104_512,
    "smollm3-3b": 3_075_098_624,
    "stablelm-2-1-6b": 1_644_515_328,
    "starcoder": 15_517_456_384,
    "starcoder2-3b": 3_030_371_328,
}


@pytest.mark.parametrize("name", CATALOGUED)
def test_file_and_catalogue_give_the_same_geometry(name: str) -> None:
    read, known = read_config(FILES[name]).shape, load(name).shape
    assert read._replace(max_context=0.0) == pytest.approx(
        known._replace(max_context=0.0), rel=1e-12
    )


@pytest.mark.parametrize("name", RELEASED)
def test_count_equals_the_released_weights(name: str) -> None:
    assert read_config(FILES[name]).parameters().total == pytest.approx(RELEASED[name], rel=1e-6)


def test_released_formats_are_noted() -> None:
    assert read_config(FILES["deepseek-v3"]).weight_bits == 8.0
    oss = read_config(FILES["gpt-oss-120b"])
    assert (oss.weight_bits, oss.expert_bits) == (16.0, 4.25)
    assert any("4.25 bit" in note for note in oss.notes)


def test_multi_token_head_is_a_trait_in_file_and_catalogue() -> None:
    assert read_config(FILES["deepseek-v3"]).traits == ("mtp",)
    assert read_config(FILES["llama-3-1-8b"]).traits == ()
    assert load("deepseek-v3").traits == ("mtp",)
    assert load("deepseek-r1").traits == ("mtp", "reasoning")


def test_nested_text_part_is_read_and_said() -> None:
    model = read_config(FILES["gemma-3-27b"])
    assert model.shape.window_layers == 52
    assert any("Language model only" in note for note in model.notes)


def test_table_covers_the_common_families() -> None:
    read = {json.loads(file.read_text())["model_type"] for file in FILES.values()}
    assert len(FAMILIES) >= 60
    assert len(read) >= 55


def write(folder: Path, **changes: Any) -> Path:
    """A small valid configuration with changes; None removes a key."""
    raw: dict[str, Any] = {
        "model_type": "llama",
        "num_hidden_layers": 2,
        "hidden_size": 64,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 128,
        "vocab_size": 1000,
        "max_position_embeddings": 512,
    }
    raw.update(changes)
    file = folder / "config.json"
    file.write_text(json.dumps({key: value for key, value in raw.items() if value is not None}))
    return file


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": "lama"}, r"model_type must be one of .* Got 'lama'.*llama"),
        ({"model_type": None}, r"model_type must name an architecture. Got None"),
        ({"model_type": 7}, r"model_type must name an architecture. Got 7"),
        ({"num_hidden_layers": None}, r"num_hidden_layers must be given.*n_layer"),
        ({"num_hidden_layers": -2}, r"num_hidden_layers must be a whole number.*Got -2"),
        ({"num_hidden_layers": 10**9}, r"num_hidden_layers must be .* to 10000"),
        ({"hidden_size": "64"}, r"hidden_size must be a whole number.*Got '64'"),
        ({"hidden_size": True}, r"hidden_size must be a whole number.*Got True"),
        ({"hidden_size": float("nan")}, r"hidden_size must be a whole number.*Got nan"),
        ({"hidden_size": 62}, r"num_attention_heads must divide the width 62.*head_dim"),
        ({"num_key_value_heads": 8}, r"num_key_value_heads must be at most the 4 query heads"),
        ({"intermediate_size": [128, 256]}, r"intermediate_size must be .*Layers that differ"),
        ({"intermediate_size": 12.5}, r"intermediate_size must be a whole number"),
        ({"vocab_size": 0}, r"vocab_size must be a whole number from 1.*Got 0"),
        ({"tie_word_embeddings": "yes"}, r"tie_word_embeddings must be true or false"),
        ({"layer_types": ["full_attention"]}, r"layer_types must have one word for each"),
        ({"layer_types": ["full_attention", "magic"]}, r"layer_types must hold only the words"),
        (
            {"model_type": "mixtral", "num_local_experts": 4, "num_experts_per_tok": 8},
            r"must be at most the 4 experts",
        ),
        ({"model_type": "deepseek_v3"}, r"kv_lora_rank must be given"),
        ({"model_type": "nemotron_h", "hybrid_override_pattern": "MX"}, r"must be a pattern of"),
        (
            {"model_type": "minimax", "attn_type_list": [0, 1, 1], "num_local_experts": 0},
            r"num_hidden_layers must be the number of layers that the lists describe, 3",
        ),
    ],
)
def test_unusable_values_get_one_clear_sentence(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_config(write(tmp_path, **changes))
    assert str(tmp_path / "config.json") in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{not json", r"must be a readable config.json"),
        (b"[1, 2]", r"must hold a JSON object. Got 'list'"),
        (b"\xff\xfe\x00", r"It is not UTF-8 text"),
        (b"", r"must be a readable config.json"),
        (b"[" * 100_000, r"must be a readable config.json"),
    ],
)
def test_broken_files(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "config.json"
    file.write_bytes(content)
    with pytest.raises(FileInputError, match=message):
        read_config(file)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileInputError, match=r"No such file"):
        read_config(tmp_path / "config.json")
    with pytest.raises(FileInputError, match=r"No such file"):
        read_config(tmp_path)
