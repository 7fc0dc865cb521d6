"""Members of a class of residual networks for every pattern of signs: lower bounds on Rademacher
averages (Yun, Sra and Jadbabaie 2019).

Rad_n = 2^-n Σ_ε sup_f (1/n) Σ ε_i f(x_i). Any member f_ε for each ε gives a lower bound; over
||w|| <= 1 the best is ||Σ ε_i h_L(x_i)||/n.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import maximum, norm, outer, positive_part, sq, sqrt
from checker.instances.fields import Dims, FloatArray


@dataclass(frozen=True, eq=False)
class SignedNetworks:
    """One network for each of the 2^n sign patterns, with one neuron per block.

    Block l is h -> h + M_l² b [aᵀ h]_+ with unit vectors a and b: V_l = M_l b, U_l = M_l aᵀ.

    Attributes
    ----------
    X
        Inputs, (n, d).
    M
        Frobenius norms of V_l and U_l, (L,).
    a, b
        Directions, of any length but 0, (2^n, L, d).
    """

    # One network per sign pattern: no index of n may be dropped, so X, a and b name no dimension.
    X: FloatArray
    M: Annotated[FloatArray, Dims("L")]
    a: FloatArray
    b: FloatArray

    @cached_property
    def radius(self) -> Any:
        """B = max ||x_i||."""
        return reduce(maximum, (sqrt(sq(self.X[i])) for i in range(self.X.shape[0])))

    @cached_property
    def lower_bound(self) -> Any:
        """2^-n Σ_ε ||Σ ε_i h_L(x_i)|| / n, at most Rad_n."""
        n = self.X.shape[0]
        values = [
            norm(type(self.M).constant(np.array(signs)) @ self._hidden(index))  # type: ignore[attr-defined]
            for index, signs in enumerate(product([-1.0, 1.0], repeat=n))
        ]
        return reduce(lambda x, y: x + y, values) / (n * len(values))

    def _hidden(self, pattern: int) -> Any:
        h: Any = self.X
        for layer in range(self.M.shape[0]):
            a, b = self.a[pattern][layer], self.b[pattern][layer]
            active = positive_part(h @ a) / norm(a)
            h = h + sq(self.M[layer]) * outer(active, b / norm(b))
        return h

    def growth(self, factor: Any, power: int = 2) -> Any:
        """Π (1 + factor M_l^power)."""
        terms = (1 + factor * self.M[i] ** power for i in range(self.M.shape[0]))
        return reduce(lambda x, y: x * y, terms)
