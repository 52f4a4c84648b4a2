"""Compiles LightGBM's trees to tables of exact contributions."""
