"""Shared test support: builders of domain objects, databases, engines, servers and browsers."""
