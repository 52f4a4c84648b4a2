"""What tests share: builders of domain objects, databases, engines, servers and browsers."""
