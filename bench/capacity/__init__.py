"""The capacity plan: costs that are measured, a queueing model that is checked against them, and what follows."""
