"""Password hashes, access tokens, signatures and keys.

Import the modules one by one: PyJWT takes 0.1 s, which commands without login do not need.
"""
