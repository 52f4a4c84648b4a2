"""The composition root: the only package that imports adapters and dependency-injector.

`container` wires every use case; `servers`, `worker`, `commands`, `preparation` and `portfolio` run one kind of
process each with it.
"""
