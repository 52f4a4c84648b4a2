"""A checkout on a system with other line ends has the same bytes where bytes matter."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
GIT = shutil.which("git")


def git(*arguments: str) -> str:
    return subprocess.run(
        [GIT or "git", "-C", str(PROJECT), *arguments], capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the index, as Git for Windows writes them."""
    if GIT is None or not (PROJECT / ".git").exists():
        pytest.skip("needs the Git repository of the project")
    folder = tmp_path_factory.mktemp("checkout")
    windows = ("-c", "core.autocrlf=true", "-c", "core.eol=crlf")
    git(*windows, "checkout-index", "--all", f"--prefix={folder}/")
    return folder


def test_fingerprints_of_model_bundles_match(checkout: Path) -> None:
    lists = [path for path in checkout.rglob("SHA256SUMS") if len(list(path.parent.iterdir())) > 1]
    assert len(lists) >= 2
    for sums in lists:
        for line in sums.read_text().splitlines():
            digest, _, name = line.partition("  ")
            if (sums.parent / name).exists():
                assert hashlib.sha256((sums.parent / name).read_bytes()).hexdigest() == digest, sums.parent / name


def test_text_has_line_feeds_only(checkout: Path) -> None:
    binary = (".npy", ".png", ".gz", ".dump")
    files = [path for path in checkout.rglob("*") if path.is_file() and path.suffix not in binary]
    assert len(files) > 1000
    assert [str(path.relative_to(checkout)) for path in files if b"\r\n" in path.read_bytes()] == []


def test_generated_files_are_marked() -> None:
    if GIT is None or not (PROJECT / ".git").exists():
        pytest.skip("needs the Git repository of the project")
    generated = [
        "docs/configuration.md",
        "docs/metrics.md",
        "requirements-dev.lock",
        "clients/contracts/0.1.0.json",
    ]
    marked = git("check-attr", "linguist-generated", "--", *generated).splitlines()
    assert all(line.endswith("linguist-generated: set") for line in marked)
    assert all((PROJECT / path).exists() for path in generated)
