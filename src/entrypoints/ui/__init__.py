"""The web interface: people log in, enter loan applications, and see decisions with what drove them.

A face translates and does not think: pages call one use case, presenters turn its answer into words and positions.
"""
