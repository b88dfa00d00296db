"""Pictures in characters: where memory goes, and what each pipeline stage does when."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wattpath.training.memory import Memory
    from wattpath.training.schedule import Timeline

#: Letter of each use of memory in `memory_bar`.
LETTERS = {
    "weights": "W", "gradients": "G", "optimizer": "O", "activations": "A", "logits": "L",
    "buffers": "B",
}  # fmt: skip


def memory_bar(memory: Memory, capacity_bytes: float, width: int = 60) -> str:
    """One line of `width` cells: a letter per use, dots for what is free, ``!`` for excess."""
    cells = ""
    filled = 0.0
    for use, letter in LETTERS.items():
        filled += getattr(memory, use) / capacity_bytes * width
        cells += letter * max(0, round(filled) - len(cells))
    return cells.ljust(width, ".") if len(cells) <= width else cells[:width] + "!"


def timeline_rows(timeline: Timeline, width: int = 72) -> list[str]:
    """One line per pipeline rank: digits of forward micro-batches, letters of backward ones.

    Forward passes show the last digit of their micro-batch, backward passes the letter in
    its place (0 is a, 9 is j), postponed weight gradients ``w``, idle time a dot.
    """
    scale = width / timeline.length_s
    rows = [["."] * width for _ in timeline.idle]
    for slot in timeline.slots:
        digit = slot.microbatch % 10
        mark = {"F": str(digit), "B": "abcdefghij"[digit], "W": "w"}[slot.kind]
        start = min(width - 1, int(slot.start_s * scale))
        end = max(start + 1, min(width, int(slot.end_s * scale)))
        rows[slot.rank][start:end] = [mark] * (end - start)
    return ["".join(row) for row in rows]
