"""What the service can be asked, and what it needs from the world to answer. Standard library and domain only."""
