"""The composition root: the only package that imports adapters and dependency-injector.

`container` wires every use case; each module of `processes` runs one kind of process with it.
"""
