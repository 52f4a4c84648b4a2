"""Metrics as text, of several processes in one: each sample says whose it is.

Not their sums: when a process ends, a sum falls by what that one had counted, which Prometheus takes for a new
start from zero, so that it counts all the others' again.
"""

from collections.abc import Iterable

_HEADER = b"# "
_NEW_FAMILY = b"# HELP "


def signed(exposition: bytes, worker: int) -> bytes:
    """The same text, each sample with the label `worker`."""
    label = b'worker="%d"' % worker
    return b"\n".join(_with_label(line, label) for line in exposition.splitlines())


def _with_label(line: bytes, label: bytes) -> bytes:
    if not line or line.startswith(_HEADER):
        return line
    name, brace, labels = line.partition(b"{")
    if brace and b" " not in name:
        return b"%s{%s,%s" % (name, label, labels)
    name, _, value = line.partition(b" ")
    return b"%s{%s} %s" % (name, label, value)


def together(expositions: Iterable[bytes]) -> bytes:
    """One text of them all, each family once with the samples of everybody."""
    families: dict[bytes, tuple[list[bytes], list[bytes]]] = {}
    for exposition in expositions:
        for line in exposition.splitlines():
            if line.startswith(_NEW_FAMILY):
                headers, samples = families.setdefault(line, ([], []))
                known = bool(headers)
            if not line.startswith(_HEADER):
                samples.append(line)
            elif not known:
                headers.append(line)
    lines = (line for headers, samples in families.values() for line in (*headers, *samples))
    return b"\n".join(lines) + b"\n"
