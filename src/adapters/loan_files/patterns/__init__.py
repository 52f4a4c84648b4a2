"""Patterns of whole columns that show another unit or decimal mark than the product defines.

A fraction for a percentage, or thousands for dollars, passes every check of a single value and leads to a wrong
decision. So a file's columns are examined before its first decision. A file that looks so is refused until its
sender states how it is to be read.
"""
