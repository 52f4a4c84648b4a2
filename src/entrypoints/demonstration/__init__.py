"""A demonstration: six months of a lender's simulated life, through the use cases."""
