"""The package of the Python client, as it would be published."""

import subprocess
import sys
import zipfile
from email.parser import Parser

import pytest

from support.paths import PROJECT

CLIENT = PROJECT / "clients" / "python"


def test_the_models_are_those_of_the_api():
    done = subprocess.run([PROJECT / "scripts" / "client", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=CLIENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_is_complete(wheel):
    with zipfile.ZipFile(wheel) as content:
        names = set(content.namelist())
        metadata = Parser().parsestr(
            content.read(next(name for name in names if name.endswith("/METADATA"))).decode()
        )
    assert {f"credit_scoring_client/{path.name}" for path in (CLIENT / "src").rglob("*.py")} <= names
    assert "credit_scoring_client/py.typed" in names
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(metadata.get_all("Requires-Dist")) == {"anyio>=4", "httpx<1,>=0.28", "msgspec>=0.20"}
    assert "A client of the credit-decision service" in metadata.get_payload()


def test_it_needs_nothing_of_the_service(wheel):
    program = """
import sys
sys.path.insert(0, sys.argv[1])
import credit_scoring_client
assert credit_scoring_client.__file__.startswith(sys.argv[1])
assert not {"domain", "application", "adapters", "entrypoints"} & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(wheel)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
