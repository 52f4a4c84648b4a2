"""Proof of who somebody is: password hashes, access tokens, and the key that signs them.

Import the modules one by one: PyJWT alone costs a tenth of a second, which a command that logs nobody in
need not pay.
"""
