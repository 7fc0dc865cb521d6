"""The constants that truth rests on, each with its reason; none of them is a tolerance."""

from __future__ import annotations

# IEEE 754 binary64, round to nearest: |fl(x op y) - (x op y)| <= UNIT_ROUNDOFF * |fl(x op y)|.
UNIT_ROUNDOFF = 2.0**-53

# Added to the error of every product and quotient. It covers the underflow of the product itself
# (at most 2**-1075) and of the few products inside its error bound, with a wide margin; numbers
# near it are left to ball arithmetic.
UNDERFLOW = 2.0**-1022

# Error bounds are themselves computed in floats. Each is a sum of non-negative products, so r
# roundings lose at most a factor (1 + UNIT_ROUNDOFF)**r; this factor pays for r <= MAX_ROUNDINGS.
BOUND_INFLATION = 1.0 + 2.0**-30
MAX_ROUNDINGS = 2**22

# Assumed accuracy of NumPy's exp, expm1, log, log1p, sinh, tanh, arctan and cbrt, in units in the
# last place; for sin and cos see functions/trigonometric.py.
# NumPy documents 4 for its vectorised kernels; tests/arithmetic/test_elementary.py measures it
# against Arb.
ELEMENTARY_ULPS = 4

# An ulp is at most two unit roundoffs of the value.
ELEMENTARY_ERROR = 2 * ELEMENTARY_ULPS * UNIT_ROUNDOFF

# Eigenvectors of a batch of matrices of these sizes are found by Jacobi rotations, in that many
# sweeps; convergence is quadratic. Their accuracy decides how many cases leave the float rung,
# never what is true.
JACOBI_SIZES = (2, 3)
JACOBI_SWEEPS = 4

# Precisions in bits that a case climbs through. 53 is no cheaper than 128; products of a few
# subnormal numbers need about 4,500 bits, hence the cap.
BALL_PRECISIONS = (128, 512, 2048, 8192)

# Bits at which two independent computations of a quantity are compared: far more than a float, so
# that even a small mistake in a formula separates the two enclosures.
ORACLE_PRECISION = 256

# Proofs that a point is near a minimum: gradients of polished points are of size 2**-52, and there
# are thousands of points.
PROOF_PRECISION = 128

# Random directions in which a violation is compared before it is believed. One alone may be 0.
ORACLE_DIRECTIONS = 3
