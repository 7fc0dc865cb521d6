"""Points of one residual unit, with one output or several."""
