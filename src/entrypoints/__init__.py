"""The doors of the service: HTTP, web, command line; and the one place where everything is put together."""
