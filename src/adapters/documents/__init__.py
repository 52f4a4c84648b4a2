"""Documents for people: HTML from templates, and the same as PDF."""
