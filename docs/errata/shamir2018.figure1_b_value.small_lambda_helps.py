# Counterexample to shamir2018.figure1_b_value.small_lambda_helps: false neighbour of
# shamir2018.figure1_b_value: small lambda helps
# the paper's remedy: for small λ no stationary point is worse than linear
# Statement: F_\lambda(w(q), v(q)) \ge 4.79 \, \min_w F_\lambda(w, 0), \quad \lambda = \lambda(q),
# \; \varepsilon = 1,\quad\text{changed: small lambda helps}
# Fractions only, so that the arithmetic is exact.
import sys
from fractions import Fraction as Q

eps = Q(1)
c = Q(1)
q = Q(1, 2)
h1 = Q(0)
h2 = Q(0)

far = 1 / (1 - q**2)
a = q * far
s = q * a
own_lam = 2 * c * (eps * q - s**2)
w = -a / eps
v = -far / eps
t_1 = 2 * c / (2 * c + own_lam)
lhs = (
    2 * c * (Q(1, 2) * (t_1 + eps * (0 * t_1 * t_1) - 1) ** 2)
    + own_lam * (t_1**2 + (0 * t_1) ** 2) / 2
)
rhs = 2 * c * (Q(1, 2) * (w + eps * (v * w) - 1) ** 2) + own_lam * (w**2 + v**2) / 2

print("lhs =", lhs)
print("rhs =", rhs)
violated = lhs < rhs
print("violated: lhs < rhs" if violated else "holds: lhs >= rhs")
sys.exit(10 if violated else 0)
