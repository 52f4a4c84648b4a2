"""Exports of evidence as zip files, the documents for people in them, and the program that verifies them."""
