# Counterexample to hardt2017.gradient.sigma_as_printed: false neighbour of hardt2017.gradient:
# sigma as printed
# l = 1, d = 1, Σ = 2: 16E² for at least 32E²
# Statement: \|\nabla f\|_F^2 \ge 4\ell(1-\tau)^{2(\ell-1)} \sigma_{\min}(\Sigma) (f -
# C_{opt}),\quad\text{changed: sigma as printed}
# Fractions only, so that the arithmetic is exact.
import sys
from fractions import Fraction as Q

A = Q(0)
R = Q(0)
S_factor = Q(2)

error = A + 1 - R
S = S_factor**2
excess = error * S * error
bound = 4 * S * S * excess
lhs = 4 * (error * S) ** 2
rhs = bound

print("lhs =", lhs)
print("rhs =", rhs)
violated = lhs < rhs
print("violated: lhs < rhs" if violated else "holds: lhs >= rhs")
sys.exit(10 if violated else 0)
