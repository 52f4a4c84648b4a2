"""Lending as lenders speak of it: pure, synchronous, standard library only."""
