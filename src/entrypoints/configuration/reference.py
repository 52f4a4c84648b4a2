"""The reference of all settings. `python -m entrypoints.configuration.reference` writes docs/configuration.md."""

from entrypoints.configuration.setting import FILE_SUFFIX, Setting
from entrypoints.configuration.setting_readers import PROJECT
from entrypoints.configuration.settings import SETTING_GROUPS

PAGE = PROJECT / "docs" / "configuration.md"
_INTRODUCTION = f"""\
# Configuration

Every setting is an environment variable. An empty environment is a valid configuration that runs embedded engines.
The service does not start if a setting is invalid, unknown or conflicting; the error lists every such setting. A
variable with a secret can instead be given as `…{FILE_SUFFIX}`, the path of a file with the value. Relative paths
are relative to the project folder.

This page is generated: `.venv/bin/python -m entrypoints.configuration.reference` writes it.
"""


def configuration_page() -> str:
    """The page in Markdown, with a table for each group of settings and one of former names."""
    sections = [
        f"\n## {title}\n\n| Variable | Default | Meaning |\n| --- | --- | --- |\n" + "".join(map(_row, group))
        for title, group in SETTING_GROUPS.items()
    ]
    former = [
        f"| `{setting.deprecated_variable}` | `{setting.variable}` |\n"
        for group in SETTING_GROUPS.values()
        for setting in group
        if setting.deprecated_variable
    ]
    deprecated = (
        "\n## Deprecated names\n\nAccepted until the next release, with a warning at the start.\n\n"
        "| Former name | Variable |\n| --- | --- |\n" + "".join(former)
    )
    return _INTRODUCTION + "".join(sections) + (deprecated if former else "")


def _row(setting: Setting) -> str:
    file = f" or `…{FILE_SUFFIX}`" if setting.holds_secret else ""
    default = f"`{setting.default}`" if setting.default else "empty"
    return f"| `{setting.variable}`{file} | {default} | {setting.meaning} |\n"


if __name__ == "__main__":
    PAGE.write_text(configuration_page())
