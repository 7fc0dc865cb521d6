"""Deep linear residual networks."""
