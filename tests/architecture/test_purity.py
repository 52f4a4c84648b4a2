"""The inner layers import only the standard library and each other: an allow-list, not a deny-list."""

import ast
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
ALLOWED = {"domain": {"domain"}, "application": {"domain", "application"}}
IMPURE = {
    "random",
    "time",
    "secrets",
    "socket",
    "subprocess",
    "threading",
    "asyncio",
    "logging",
    "os",
    "sys",
    "pathlib",
}
"""Clock, randomness and I/O: the domain receives them as arguments."""


def imported(path: Path) -> set[str]:
    roots = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            roots |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            roots.add(node.module.split(".")[0])
    return roots


@pytest.mark.parametrize("layer", ALLOWED)
def test_an_inner_layer_imports_only_what_is_allowed(layer: str) -> None:
    files = list((SOURCE / layer).rglob("*.py"))
    assert files
    forbidden = {
        f"{path.relative_to(SOURCE)}: {name}"
        for path in files
        for name in imported(path) - ALLOWED[layer] - set(sys.stdlib_module_names)
    }
    assert not forbidden


def test_the_domain_uses_no_clock_no_randomness_and_no_io() -> None:
    impure = {
        f"{path.relative_to(SOURCE)}: {name}"
        for path in (SOURCE / "domain").rglob("*.py")
        for name in imported(path) & IMPURE
    }
    assert not impure


def test_the_domain_is_synchronous() -> None:
    for path in (SOURCE / "domain").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not isinstance(node, ast.AsyncFunctionDef | ast.Await), path


@pytest.mark.parametrize("root", ["domain", "application", "adapters", "entrypoints"])
def test_the_four_import_roots_resolve_under_src(root: str) -> None:
    spec = find_spec(root)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve() == SOURCE / root / "__init__.py"


def test_the_api_imports_no_package_that_it_does_not_need(tmp_path: Path) -> None:
    """Each of these would make it start more slowly and take more memory."""
    heavy = [
        "alembic",
        "dask",
        "fastapi",
        "lightgbm",
        "nicegui",
        "numba",
        "pandas",
        "polars",
        "pydantic",
        "redis",
        "rich",
        "scipy",
        "sklearn",
    ]
    program = (
        "import os, sys, entrypoints.cli.serve\n"
        "from entrypoints.cli.processes.workers import lean_api_imports\n"
        "from entrypoints.configuration.settings import read_settings\n"
        "with lean_api_imports():\n"
        "    from entrypoints.composition.processes.servers import api_app\n"
        "    api_app(read_settings(os.environ))\n"
        f"print(*sorted(set({heavy}) & set(sys.modules)))"
    )
    settings = {
        "SCORING_DATA_DIR": str(tmp_path),
        "SCORING_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",  # connected to when it opens
        "SCORING_REDIS_URL": "redis://127.0.0.1:1",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | settings, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
