"""What a process may have open, from what it was given."""

import resource
import subprocess
import sys

import pytest

PROGRAM = """
import resource
from entrypoints.cli.processes.open_files import allow_many_connections
allow_many_connections()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(("given", "most", "then"), [(256, 512, 512), (512, 512, 512)])
def test_it_is_raised_to_what_is_allowed(given: int, most: int, then: int) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (given, most)),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert int(printed) == then
