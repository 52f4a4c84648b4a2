"""Logs, metrics, traces and error reports; none of them holds personal data.

`Observability.start` assembles them. Exporters of traces and error reports are imported only when configured.
"""
