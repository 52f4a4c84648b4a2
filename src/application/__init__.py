"""The use cases of the service and the ports they need, which depend on the domain only."""
