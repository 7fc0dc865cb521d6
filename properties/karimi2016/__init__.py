"""Karimi, Nutini and Schmidt (2016), Linear convergence under the Polyak-Łojasiewicz condition."""
