"""Reads files with outcomes of loans."""
