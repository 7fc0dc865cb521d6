"""Deep residual networks."""
