"""Runs of projected gradient descent as a program wrote them down (Shamir 2018, Theorem 4)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import norm, sq, sqrt
from checker.instances.fields import Dims, FloatArray
from checker.landscape.over_sample import require_positive
from checker.landscape.sgd.online import Stream, Z


@dataclass(frozen=True, eq=False, kw_only=True)
class RecordedPath(Stream):
    """A path as a program wrote it down in floats: exact numbers by definition.

    Rounding makes z_{t+1} = Π(z_t - η ∇h_t(z_t)) + e_t. Then, Π being nonexpansive and u in M1,
    ||z_{t+1} - u||² <= ||z_t - η ∇h_t(z_t) - u||² + ||e_t|| (2 ||Π_t - u|| + ||e_t||), and the
    regret inequality holds with the sum of the last terms, `residual`, added to ||z_1 - u||².

    Attributes
    ----------
    W, V
        The iterates z_1, ..., z_{T+1}, (T + 1, d) and (T + 1, m).
    step
        The step size η > 0.
    """

    W: Annotated[FloatArray, Dims("T+1", "d", domain="recorded")]
    V: Annotated[FloatArray, Dims("T+1", "m", domain="recorded")]
    step: Annotated[FloatArray, Dims(domain="positive")]

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "step")

    def _shapes(self, T: int, d: int, m: int) -> dict[str, tuple[int, ...]]:
        return {**super()._shapes(T, d, m), "W": (T + 1, d), "V": (T + 1, m), "step": ()}

    def is_valid(self) -> bool:
        """As for streams; the iterates fit the steps."""
        return super().is_valid() and len(self.W) == self.T + 1 and bool(np.all(self.step > 0))

    def iterate(self, t: int) -> Z:
        """z_{t+1}, counted from 0."""
        return self.W[t], self.V[t]

    @cached_property
    def regret(self) -> Any:
        """Σ_t h_t(z_t) - h_t(w*, 0)."""
        return self._sum(lambda t: self.excess_loss(t, self.iterate(t)))

    @cached_property
    def gradients(self) -> Any:
        """Σ_t ||∇h_t(z_t)||²."""
        return self._sum(lambda t: sq(self.gradient(t, self.iterate(t))))

    @cached_property
    def residual(self) -> Any:
        """Σ_t ||e_t|| (2 ||Π_t - u|| + ||e_t||), measured."""
        return self._sum(self._residual)

    def _residual(self, t: int) -> Any:
        exact, written = self.descended(t, self.iterate(t), self.step), self.iterate(t + 1)
        error = norm((written[0] - exact[0], written[1] - exact[1]))
        return error * (2 * sqrt(self.squared_distance(exact)) + error)

    def _sum(self, term: Any) -> Any:
        return reduce(lambda a, x: a + x, (term(t) for t in range(self.T)))
