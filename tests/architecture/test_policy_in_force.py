"""No module constant is the policy in force: only an empty database uses the built-in policy."""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
BUILT_IN = {"domain.policies.version_1", "domain.policies.version_2", "domain.policies.version_3"}
ALLOWED = {
    "domain/policies/version_2.py",
    "domain/policies/version_3.py",
    "entrypoints/composition/initial_policy.py",
}


def imports_built_in_policy(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import) and any(name.name in BUILT_IN for name in node.names):
            return True
        if isinstance(node, ast.ImportFrom):
            modules = {node.module or "", *(f"{node.module}.{name.name}" for name in node.names)}
            if BUILT_IN & modules or any(name.name in {"POLICY_1", "POLICY_2", "POLICY_3"} for name in node.names):
                return True
    return False


def test_only_the_initial_policy_imports_the_built_in_policy() -> None:
    found = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if imports_built_in_policy(path)}
    assert found == ALLOWED
