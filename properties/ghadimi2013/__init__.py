"""Ghadimi and Lan (2013), Stochastic first- and zeroth-order methods, deterministic part."""
