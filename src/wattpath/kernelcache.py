"""Where compiled kernels are kept, so that none outlives a change of the code it calls.

Numba recompiles a kernel when its own file changes, but not when a kernel that it calls from
another file does. So the kernels of one state of the sources are kept in one folder, named
by a digest of those sources; another state has another folder.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

#: Layers that hold kernels, and what their named tuples are made of.
LAYERS = ("models", "hardware", "levers", "training", "serving", "facility", "supply")

#: The variable by which Numba is told; a user's own setting wins.
VARIABLE = "NUMBA_CACHE_DIR"

#: Folders of other states are removed when they have not been used for so long [s].
KEPT_S = 30 * 86_400.0


def digest(root: Path) -> str:
    """First 16 hex digits of SHA-256 over the sources of all layers with kernels."""
    total = hashlib.sha256()
    for layer in LAYERS:
        for file in sorted((root / layer).glob("*.py")):
            total.update(file.name.encode())
            total.update(file.read_bytes())
    return total.hexdigest()[:16]


def use(root: Path) -> Path | None:
    """Tell Numba to keep the kernels of these sources in their own folder.

    Parameters
    ----------
    root : Path
        Folder of the package.

    Returns
    -------
    Path or None
        The folder; None if the user has chosen one or none can be written, where Numba
        keeps to its own default.
    """
    if VARIABLE in os.environ:
        return None
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "wattpath" / f"kernels-{digest(root)}"
    try:
        new = not folder.is_dir()
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
    except OSError:
        return None
    if new:
        _tidy(folder)
    os.environ[VARIABLE] = str(folder)
    return folder


def _tidy(folder: Path) -> None:
    """Remove folders of other states that nobody has used for long."""
    import shutil

    for other in folder.parent.glob("kernels-*"):
        if other != folder and time.time() - other.stat().st_mtime > KEPT_S:
            shutil.rmtree(other, ignore_errors=True)
