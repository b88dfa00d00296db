"""Which training stack a published run was made with."""

from __future__ import annotations

import re

#: Words of sources that run Megatron Core with the maker's kernels.
_MEGATRON = ("megatron", "nemo", "nvidia")


def trainer_name(row: dict[str, str]) -> str:
    """The training stack of a row, by the words of its source and else by its date."""
    text = f"{row['source']} {row.get('source_path', '')} {row.get('notes', '')}".lower()
    sharding = row.get("sharding", "").lower()
    chip = f"{row['chip']} {row.get('chip_name', '')}".lower()
    if "tpu" in chip or "maxtext" in text:
        return "maxtext-2024"
    if "foundry" in text or "mosaic" in text:
        return "llm-foundry-2023"
    if "torchtitan" in text or "fsdp2" in sharding:
        if "eager" in text:
            return "torchtitan-2024-eager"
        return "torchtitan-2025" if date_of(row)[0] >= 2025 else "torchtitan-2024"
    if "vtrain" in text or "narayanan" in text:
        return "megatron-2021"
    if "korthikanti" in text:
        return "megatron-2022"
    if "deepseek-ai" in text or "dualpipe" in text:
        return "deepseek-2024"
    year, month = date_of(row)
    if year <= 2021:
        return "megatron-2021"
    if year == 2022:
        return "megatron-2022"
    if any(word in text for word in _MEGATRON):
        late = (year, month) >= (2026, 6)
        return "megatron-core-2026-06" if late else f"megatron-core-{max(2024, year)}"
    return "any-2025" if year >= 2025 else "any-2024"


def date_of(row: dict[str, str]) -> tuple[int, int]:
    """Year and month of a row, a row without date being of 2025."""
    found = re.search(r"(20\d\d)(?:-(\d\d))?", row.get("date", ""))
    return (int(found[1]), int(found[2] or 1)) if found else (2025, 1)
