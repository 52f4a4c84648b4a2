"""The service over HTTP: JSON in, JSON out, every error a problem detail (RFC 9457). Litestar and msgspec."""
