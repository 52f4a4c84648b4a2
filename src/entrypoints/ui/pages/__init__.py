"""The pages: each builds what is seen from one use case and one presenter."""
