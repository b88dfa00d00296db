"""Kernels of changed sources never run: the folder follows the content."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wattpath import kernelcache

CALLEE = """
from numba import njit
@njit(cache=True)
def inner(x):
    return x * {factor}
"""
CALLER = """
from numba import njit
from wattpath_probe.hardware.inner import inner
@njit(cache=True)
def outer(x):
    return inner(x) + 0.5
"""
RUN = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
from wattpath import kernelcache
import os; os.environ.pop("NUMBA_CACHE_DIR", None)
kernelcache.use(Path(sys.argv[1]) / "wattpath_probe")
from wattpath_probe.hardware.outer import outer
print(outer(2.0))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    root = tmp_path / "wattpath_probe"
    for layer in kernelcache.LAYERS:
        (root / layer).mkdir(parents=True)
        (root / layer / "__init__.py").write_text("")
    (root / "__init__.py").write_text("")
    (root / "hardware" / "inner.py").write_text(CALLEE.format(factor="3.0"))
    (root / "hardware" / "outer.py").write_text(CALLER)
    return root


def answer(package: Path) -> float:
    environment = {**os.environ, "XDG_CACHE_HOME": str(package.parent / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(package.parent)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return float(done.stdout)


def test_a_changed_callee_is_compiled_anew(package: Path) -> None:
    assert answer(package) == 6.5
    (package / "hardware" / "inner.py").write_text(CALLEE.format(factor="5.0"))
    assert answer(package) == 10.5
    assert len(list((package.parent / "cache" / "wattpath").iterdir())) == 2


def test_the_users_own_folder_wins(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernelcache.VARIABLE, "elsewhere")
    assert kernelcache.use(package) is None
    assert os.environ[kernelcache.VARIABLE] == "elsewhere"


def test_a_place_that_cannot_be_written_is_left_alone(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(kernelcache.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(package / "__init__.py"))
    assert kernelcache.use(package) is None
    assert kernelcache.VARIABLE not in os.environ


def test_long_unused_folders_go(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(package.parent / "cache"))
    old = package.parent / "cache" / "wattpath" / "kernels-old"
    young = old.with_name("kernels-young")
    for folder in (old, young):
        folder.mkdir(parents=True)
    long_ago = time.time() - 2 * kernelcache.KEPT_S
    os.utime(old, (long_ago, long_ago))
    monkeypatch.delenv(kernelcache.VARIABLE, raising=False)
    used = kernelcache.use(package)
    monkeypatch.delenv(kernelcache.VARIABLE, raising=False)
    assert used is not None
    assert {p.name for p in old.parent.iterdir()} == {used.name, "kernels-young"}
