"""The composition root: the only place that knows adapters and dependency-injector.

`engines` starts what the service stands on, `serving` puts the faces' use cases together, `offline` what the
command line does with whole files. They are apart because serving must not import what only files need.
"""
