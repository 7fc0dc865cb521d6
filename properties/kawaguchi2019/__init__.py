"""Kawaguchi and Bengio (2019), Depth with nonlinearity creates no bad local minima in ResNets."""
