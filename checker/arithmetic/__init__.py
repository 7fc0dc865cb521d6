"""One formula, every number: float64 with proved bounds, balls, exact numbers, autograd."""
