"""Portfolios decided by the workers of a Dask cluster; the only place that knows Dask."""
