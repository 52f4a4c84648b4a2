"""The manifests of deploy/kubernetes/ as kubectl renders them."""

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import yaml

from entrypoints.configuration.setting_readers import PROJECT

KUBERNETES = PROJECT / "deploy" / "kubernetes"
Resource = dict[str, Any]
Render = Callable[[str], list[Resource]]


@cache
def _render(folder: str) -> list[Resource]:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed: install kubectl 1.27 or newer to check the manifests")
    done = subprocess.run([kubectl, "kustomize", KUBERNETES / folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    resources = list(yaml.safe_load_all(done.stdout))
    assert resources
    return resources


@pytest.fixture(scope="session")
def render() -> Render:
    """Renders a folder of deploy/kubernetes/."""
    return _render
