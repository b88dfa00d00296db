"""A progress bar on standard error for anything that takes longer than a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wattpath.progress import Progress, silent


@contextmanager
def progress() -> Iterator[Progress]:
    """Yield a function ``report(stage, share)`` with share from 0 to 1 of the stage.

    The bar is drawn only on a terminal, and goes away when the work is done.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield silent
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Reading site, weather and halls", total=None)
        yield lambda stage, share: bar.update(task, description=stage, total=1.0, completed=share)
