"""The business rules of lending: pure and synchronous, with no dependency but the standard library."""
