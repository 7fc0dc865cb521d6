"""Budgets of a census: what is tried, never what is true."""

from __future__ import annotations

CENSUS_DEFLATIONS = 2  # critical points sought from one start, each away from those before
CENSUS_EVALUATIONS = 800  # of the gradient, for one of them
CENSUS_STEPS = 3000  # of the descent; networks are flat near their minima
NEWTON_STEPS = 60  # of Levenberg-Marquardt; its last steps converge quadratically
DAMPING = 1e-3  # of the first of them, relative to the greatest curvature
DAMPING_TRIALS = 12  # each ten times as much
INNER_STEPS = 60  # of Newton's method over (w, q), each halved at most so often
HALVINGS = 20

# ||∇F||, relative to the point, that counts as nearly critical: where descent ends in float64 on
# standardised data. Nothing that is proved depends on it.
CENSUS_GRADIENT = 1e-6
RUNAWAY = 1e3  # ||θ|| of a search on standardised data that goes to infinity
CENSUS_WHOLE = 60_000  # largest n * size of θ for derivatives over balls: seconds
SAME_PREDICTIONS = 1e-6  # relative distance below which two points count as copies of one
