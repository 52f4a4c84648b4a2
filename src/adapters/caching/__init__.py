"""Predictions and answers remembered in a server that speaks the Redis protocol.

The cache is never a reason to fail or to wait: what is slow or down is a miss. Import the modules one by one: the
Redis client costs a quarter of a second and 8 MB.
"""
