"""What an operator sees of the service: log lines, metrics, spans and error reports; never personal data.

`Observability.start` puts it together. Exporters of spans and error reports are imported only when they have
somewhere to go.
"""
