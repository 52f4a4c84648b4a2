"""Credit models and their bundles: serving by tables with NumPy alone, training with LightGBM."""
