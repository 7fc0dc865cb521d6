"""Networks with K outputs: passes over the data, curvature, bounds, lower points."""
