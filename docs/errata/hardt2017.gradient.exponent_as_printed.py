# Counterexample to hardt2017.gradient.exponent_as_printed: false neighbour of hardt2017.gradient:
# exponent as printed
# d = 1, Σ = 1, l = 2, A = -1/2: 2E² for 4E²
# Statement: \|\nabla f\|_F^2 \ge 4\ell(1-\tau)^{2(\ell-1)} \sigma_{\min}(\Sigma) (f -
# C_{opt}),\quad\text{changed: exponent as printed}
# Fractions only, so that the arithmetic is exact.
import sys
from fractions import Fraction as Q

A_000, A_100 = Q(-1, 2), Q(-1, 2)
R = Q(0)
S_factor = Q(1)

error = (A_100 + 1) * (A_000 + 1) - R
tau = max(abs(A_000), abs(A_100))
near = 1 - tau
S = S_factor**2
excess = error * S * error
lhs = 4 * ((A_100 + 1) * (error * S)) ** 2 + 4 * (error * S * (A_000 + 1)) ** 2
rhs = 8 * near * S * excess

print("lhs =", lhs)
print("rhs =", rhs)
violated = lhs < rhs
print("violated: lhs < rhs" if violated else "holds: lhs >= rhs")
sys.exit(10 if violated else 0)
