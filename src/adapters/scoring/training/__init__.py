"""Trains a model bundle from a file of loans. Not imported for serving."""
