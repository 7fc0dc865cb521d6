"""Networks with one output: the reduced Hessian in (w, V), directions, the passes over the data."""
