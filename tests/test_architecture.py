"""The tree keeps its shape: imports point down, the front door stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import wattpath

ROOT = Path(wattpath.__file__).parent

#: Bottom to top. Layers on one line are neighbours that do not know each other.
LAYERS = (
    ("errors", "kernelcache", "progress"),
    ("units", "catalog"),
    ("models",),
    ("hardware",),
    ("levers",),
    ("training", "serving"),
    ("facility",),
    ("supply",),
    ("economics",),
    ("plan",),
    ("projects",),
    ("report", "validate"),
    ("cli",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = sorted(ROOT.rglob("*.py"))


def imported(file: Path) -> set[str]:
    """Second parts of every ``wattpath.X`` that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {
                name.name.split(".")[1] for name in node.names if name.name.startswith("wattpath.")
            }
        elif isinstance(node, ast.ImportFrom) and node.module == "wattpath":
            found |= {name.name for name in node.names if name.name in LEVEL}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("wattpath."):
            found.add(str(node.module).split(".")[1])
    return found


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_down(file: Path) -> None:
    own = file.relative_to(ROOT).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    assert own in LEVEL, f"{own} has no place in the layers"
    for other in imported(file) - {own}:
        assert LEVEL[other] < LEVEL[own], f"{own} must not import {other}"


def test_every_layer_is_there() -> None:
    present = {
        p.name.removesuffix(".py")
        for p in ROOT.iterdir()
        if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert set(LEVEL) <= present


def test_only_units_knows_pint() -> None:
    users = [file for file in MODULES if "import pint" in file.read_text(encoding="utf-8")]
    assert users == [ROOT / "units.py"]


@pytest.mark.parametrize(
    "code",
    [
        "import wattpath",
        "import wattpath.catalog as c; c.load('chip', 'H100')",
        "import sys; sys.argv = ['wattpath', '--help']; from wattpath.cli import main\n"
        "try: main()\nexcept SystemExit: pass",
    ],
    ids=["import", "catalog", "help"],
)
def test_the_front_door_is_light(code: str) -> None:
    heavy = "{'numba', 'scipy', 'pandas', 'pint', 'fastapi', 'plotly', 'pvlib', 'highspy'}"
    check = f"{code}\nimport sys\nprint('HEAVY', sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert run.stdout.rstrip().endswith("HEAVY []"), run.stdout[-200:]


def test_every_public_function_is_documented() -> None:
    missing = []
    for file in MODULES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if ast.get_docstring(tree) is None:
            missing.append(str(file.relative_to(ROOT)))
        for node in tree.body:
            if (
                isinstance(node, (ast.FunctionDef, ast.ClassDef))
                and not node.name.startswith("_")
                and ast.get_docstring(node) is None
            ):
                missing.append(f"{file.relative_to(ROOT)}:{node.name}")
    assert not missing
