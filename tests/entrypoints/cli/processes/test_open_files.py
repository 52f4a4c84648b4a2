"""The limit of open files."""

import resource
import subprocess
import sys

import pytest

PROGRAM = """
import resource
from entrypoints.cli.processes.open_files import raise_open_file_limit
raise_open_file_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(("soft", "hard", "expected"), [(256, 512, 512), (512, 512, 512)])
def test_the_soft_limit_is_raised_as_far_as_allowed(soft: int, hard: int, expected: int) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert int(printed) == expected
