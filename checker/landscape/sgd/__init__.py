"""Projected stochastic gradient descent and its experiments."""
