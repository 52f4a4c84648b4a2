"""Exports of evidence as zip files, and the program that verifies them."""
