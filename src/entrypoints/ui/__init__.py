"""The web interface: log in, enter loan applications, and read decisions with their explanations.

Pages call use cases; presenters (`*_view.py`) turn results into text and chart
positions. No page decides anything.
"""
