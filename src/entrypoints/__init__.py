"""The entry points of the service (API, web interface, command line, worker) and their composition root."""
