"""Zou, Long and Gu (2020), On the global convergence of training deep linear ResNets."""
