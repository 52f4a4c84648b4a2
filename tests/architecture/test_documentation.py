"""The documentation matches the repository: links, file names and commands exist, and pages are indexed."""

import re
from pathlib import Path

import pytest

from entrypoints.cli.main import COMMANDS
from entrypoints.configuration.setting_readers import PROJECT
from entrypoints.configuration.settings import SETTINGS

_FOLDERS = (
    "src",
    "tests",
    "docs",
    "scripts",
    "deploy",
    "bench",
    "harness",
    "migrations",
    "features",
    "models",
    "examples",
)
_PATH = re.compile(
    rf"`((?:{'|'.join(_FOLDERS)}|domain|adapters|entrypoints|application/(?:use_cases|ports))/[\w./-]*"
    r"|[\w./-]+\.(?:py|md|cfg|feature))`"
)
_EXAMPLES = {"version_2.py"}
"""Files that a page asks the reader to create."""
_FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")

PAGES = sorted(
    [
        *PROJECT.glob("*.md"),
        *(PROJECT / "docs").rglob("*.md"),
        *(PROJECT / "models").rglob("*.md"),
        *(PROJECT / "examples").rglob("*.md"),
    ]
)
FILES = {
    path.relative_to(PROJECT).as_posix()
    for folder in _FOLDERS
    for path in (PROJECT / folder).rglob("*")
    if "__pycache__" not in path.parts
} | {path.name for path in PROJECT.iterdir()}
SUFFIXES = {path[start.end() :] for path in FILES for start in re.finditer(r"^|/", path)}


def _name(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def _anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text()), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_relative_links_lead_to_a_file_and_heading(page: Path) -> None:
    broken = []
    for link in _LINK.findall(_FENCE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        path = page.parent / target if target else page
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_named_files_exist(page: Path) -> None:
    named = {name.rstrip("/") for name in _PATH.findall(_FENCE.sub("", page.read_text()))}
    assert sorted(named - SUFFIXES - _EXAMPLES) == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_shown_commands_exist(page: Path) -> None:
    text = page.read_text()
    assert set(re.findall(r"\.venv/bin/scoring ([a-z]\S*)", text)) <= set(COMMANDS)
    assert set(re.findall(r"^(scripts/[\w-]+)", text, re.MULTILINE)) <= FILES


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "docs/glossary.md"])
def test_named_classes_and_constants_exist(name: str) -> None:
    source = "\n".join(path.read_text() for path in (PROJECT / "src").rglob("*.py"))
    named = re.findall(r"`((?!SCORING_)_?[A-Z][A-Za-z_]{2,})`", (PROJECT / name).read_text())
    words = set(re.findall(r"\w+", source))
    assert named
    assert set(named) <= words


def test_readme_is_shorter_than_120_lines() -> None:
    assert len((PROJECT / "README.md").read_text().splitlines()) < 120


@pytest.mark.parametrize("folder", ["docs", "docs/decisions"])
def test_index_lists_every_page(folder: str) -> None:
    linked = set(_LINK.findall((PROJECT / folder / "README.md").read_text()))
    assert {path.name for path in (PROJECT / folder).glob("*.md")} - linked <= {"README.md"}


def test_changelog_lists_every_deprecated_setting() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text()
    deprecated = [setting.deprecated_variable for setting in SETTINGS if setting.deprecated_variable]
    assert not [name for name in deprecated if f"`{name}`" not in changelog]
