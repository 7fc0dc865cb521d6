"""One residual unit, x -> W(x + V f(x)), with one output or several."""
