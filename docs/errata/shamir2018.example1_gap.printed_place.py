# Counterexample to shamir2018.example1_gap.printed_place: false neighbour of
# shamir2018.example1_gap: printed place
# section 4 prints the saddle as (1, -1/ε), where the gradient is (0, -ε)
# Statement: \varepsilon \left(F(0, -1/\varepsilon) - F_{lin}(1)\right) \ge \varepsilon/2 +
# \|\nabla F(0, -1/\varepsilon)\|,\quad\text{changed: printed place}
# Fractions only, so that the arithmetic is exact.
import sys
from fractions import Fraction as Q
from math import isqrt


def sqrt(x):  # of the square of a fraction
    root = Q(isqrt(x.numerator), isqrt(x.denominator))
    if root * root != x:
        raise ArithmeticError("the root is not rational")
    return root


eps = Q(1)
s = Q(0)
u = Q(-1)
h1 = Q(0)
h2 = Q(0)

t_1 = (1 + eps * (u / eps) - 1) * eps
lhs = eps * (Q(1, 2) * (1 + eps * (u / eps) - 1) ** 2 + 0)
rhs = eps / 2 + sqrt((1 + eps * (u / eps) - 1 + u / eps * t_1) ** 2 + (abs(1) * t_1) ** 2)

print("lhs =", lhs)
print("rhs =", rhs)
violated = lhs < rhs
print("violated: lhs < rhs" if violated else "holds: lhs >= rhs")
sys.exit(10 if violated else 0)
