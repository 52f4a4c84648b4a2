"""Credit models and their bundles: served from tables with NumPy alone, trained with LightGBM."""
