"""Reading a Hugging Face ``config.json`` into an `Architecture`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from wattpath.errors import FileInputError, InputError
from wattpath.models.architecture import Architecture
from wattpath.models.config_families import FAMILIES, Family, family
from wattpath.models.config_fields import Fields
from wattpath.models.config_steps import Facts
from wattpath.models.geometry import Geometry
from wattpath.models.quantization import released_bits

#: Keys under which a multimodal configuration keeps its language model.
TEXT_PARTS = ("text_config", "llm_config", "language_config", "thinker_config")

#: Key that counts multi-token prediction modules.
MTP_KEY = "num_nextn_predict_layers"

#: A configuration is a few kilobytes; a larger file is something else.
LARGEST_FILE_BYTES = 16_000_000


def read_config(file: str | Path) -> Architecture:
    """A model from its ``config.json``, or from a folder that holds one.

    Parameters
    ----------
    file : str or Path
        The file or its folder.

    Returns
    -------
    Architecture
        With the geometry that the file states; nothing is assumed that the format does not
        define.

    Raises
    ------
    FileInputError
        If the file is missing, too large or not a JSON object.
    InputError
        If the architecture is unknown, a key is missing, or a value is out of range.

    Notes
    -----
    Vision and audio parts and multi-token prediction modules are left out of the geometry.
    """
    path = Path(file)
    path = path / "config.json" if path.is_dir() else path
    whole = _parse(path)
    raw = _text_part(whole)
    row = _family(str(path), raw)
    geometry = _geometry(str(path), raw, row)
    heads = Fields(str(path), raw).number(MTP_KEY, default=0.0, least=0.0)
    bits, expert_bits, remark = released_bits(raw if "quantization_config" in raw else whole)
    notes = [note for note in (row.note, remark) if note]
    if raw is not whole:
        notes.append("Language model only; other modalities are left out.")
    return Architecture(
        name=_name(path, whole),
        shape=geometry.shape(),
        source=str(path),
        evidence="datasheet",
        attention=_attention(geometry),
        weight_bits=bits,
        expert_bits=expert_bits,
        traits=("mtp",) if heads > 0.0 else (),
        notes=tuple(notes),
    )


def _parse(path: Path) -> dict[str, Any]:
    constraint = "be a readable config.json"
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise FileInputError(
                str(path), constraint, f"{path.stat().st_size} bytes", "It is far too large."
            )
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or "It cannot be read"
        raise FileInputError(str(path), constraint, path.name, f"{reason}.") from error
    except UnicodeDecodeError as error:
        raise FileInputError(str(path), constraint, path.name, "It is not UTF-8 text.") from error
    except (ValueError, RecursionError) as error:
        raise FileInputError(str(path), constraint, path.name, f"{error}.") from error
    if not isinstance(raw, dict):
        raise FileInputError(str(path), "hold a JSON object", type(raw).__name__)
    return raw


def _text_part(whole: dict[str, Any]) -> dict[str, Any]:
    """The language model's part of a multimodal configuration, or all of it."""
    for key in TEXT_PARTS:
        part = whole.get(key)
        if isinstance(part, dict) and part:
            inherited: dict[str, Any] = {
                name: whole[name] for name in ("tie_word_embeddings", "model_type") if name in whole
            }
            return {**inherited, **_text_part(part)}
    return whole


def _family(path: str, raw: Mapping[str, Any]) -> Family:
    model_type = raw.get("model_type")
    where = f"{path}: model_type"
    if not isinstance(model_type, str) or not model_type:
        hint = "A config.json of Hugging Face Transformers names its architecture there."
        raise InputError(where, "name an architecture", model_type, hint)
    row = family(model_type)
    if row is None:
        near = get_close_matches(model_type, FAMILIES, n=3, cutoff=0.5)
        hint = f"The nearest known ones are {', '.join(near)}." if near else ""
        raise InputError(where, f"be one of {len(FAMILIES)} known architectures", model_type, hint)
    return row


def _geometry(path: str, raw: Mapping[str, Any], row: Family) -> Geometry:
    fields = Fields(path, raw, row.defaults)
    facts: Facts = {"tied": fields.flag("tie_word_embeddings")}
    for step in row.steps:
        step(fields, facts)
    facts.update(row.fixed)
    geometry = Geometry(**facts)
    _check_layers(fields, geometry)
    return geometry


def _check_layers(fields: Fields, geometry: Geometry) -> None:
    """Each layer must have one mixer, or (Nemotron-H) be one block of any kind."""
    mixers = geometry.full_layers + geometry.window_layers + geometry.state_layers
    blocks = mixers + geometry.dense_layers + geometry.moe_layers
    if geometry.layers not in (mixers, blocks):
        raise InputError(
            f"{fields.path}: num_hidden_layers",
            f"be the number of layers that the lists describe, {mixers:g}",
            geometry.layers,
        )


def _name(path: Path, whole: Mapping[str, Any]) -> str:
    """What the file calls the model, else the file's own name."""
    stated = whole.get("_name_or_path") or whole.get("name")
    if isinstance(stated, str) and stated.strip("./ "):
        return stated.strip().rstrip("/").rsplit("/", 1)[-1]
    return path.parent.name if path.name == "config.json" and path.parent.name else path.stem


def _attention(geometry: Geometry) -> str:
    """The attention's usual name."""
    kinds = []
    if geometry.full_layers or geometry.window_layers:
        if geometry.kv_rank:
            kinds.append("MLA")
        elif geometry.kv_heads == 1.0:
            kinds.append("MQA")
        else:
            kinds.append("MHA" if geometry.kv_heads == geometry.heads else "GQA")
    if geometry.sparse_tokens:
        kinds.append("sparse")
    if geometry.window_layers:
        kinds.append(f"window {geometry.window:g}")
    if geometry.state_layers:
        kinds.append(geometry.state_kind)
    return " + ".join(kinds)
