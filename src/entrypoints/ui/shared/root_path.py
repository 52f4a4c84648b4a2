"""The path under which a proxy serves the web interface, for addresses that NiceGUI does not complete itself.

It is one value for the process, as are NiceGUI's pages.
"""

_root = [""]


def set_root_path(root_path: str) -> None:
    """Set the path, for example "/scoring", before pages are registered."""
    _root[0] = root_path


def address(path: str) -> str:
    """The address of a path of the interface. `ui.link` and `ui.navigate` take the path itself."""
    return _root[0] + path
