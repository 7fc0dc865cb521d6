"""Float64 with running error bounds: functions and eigenvalues."""

from __future__ import annotations

from mutations.mutation import Mutation

BATCH = "checker/arithmetic/bounded.py"
CONSTANTS = "checker/arithmetic/constants.py"


def _batch(name: str, old: str, new: str, equivalent: str = "") -> Mutation:
    return Mutation(name, BATCH, old, new, equivalent)


MUTATIONS = (
    _batch(
        "sqrt: rounding", "np.sqrt(bound)) + UNIT_ROUNDOFF * root", "np.sqrt(bound)) + 0 * root"
    ),
    _batch(
        "sqrt: inherited",
        "error = np.fmin(bound / root, np.sqrt(bound))",
        "error = np.fmin(0 * root, np.sqrt(bound))",
    ),
    _batch(
        "sqrt: halved",
        "error = np.fmin(bound / root, np.sqrt(bound))",
        "error = 0.5 * np.fmin(bound / root, np.sqrt(bound))",
    ),
    _batch("sqrt: negative arguments", "np.where(self.value < -bound, np.nan, start)", "start"),
    _batch(
        "exp: rounding and inherited",
        "return self._made(value, (value + UNDERFLOW) * self._growth() + UNDERFLOW, 64)",
        "return self._made(value, 0 * value + UNDERFLOW, 64)",
    ),
    _batch(
        "exp: underflow",
        "return self._made(value, (value + UNDERFLOW) * self._growth() + UNDERFLOW, 64)",
        "return self._made(value, value * self._growth(), 64)",
    ),
    _batch(
        "growth: elementary error alone",
        "np.full_like(self.value, ELEMENTARY_ERROR)",
        "np.zeros_like(self.value)",
    ),
    _batch(
        "growth: elementary error",
        "return np.expm1(self._bound) + ELEMENTARY_ERROR",
        "return np.expm1(self._bound)",
    ),
    _batch(
        "growth: inherited",
        "return np.expm1(self._bound) + ELEMENTARY_ERROR",
        "return 0 * self._bound + ELEMENTARY_ERROR",
    ),
    _batch(
        "log: inherited",
        "error = self._bound / np.where(least > 0, least, 0.0)",
        "error = 0 * self._bound",
    ),
    _batch(
        "log: least argument",
        "error = self._bound / np.where(least > 0, least, 0.0)",
        "error = self._bound / self.value",
    ),
    _batch(
        "log: elementary error",
        "error += ELEMENTARY_ERROR * np.abs(value) + UNDERFLOW",
        "error += UNDERFLOW",
    ),
    _batch(
        "tanh: elementary error",
        "return self._lipschitz(value, ELEMENTARY_ERROR)",
        "return self._lipschitz(value, 0.0)",
    ),
    _batch(
        "sigmoid: growth",
        "relative = 2 * self._growth() + 4 * UNIT_ROUNDOFF",
        "relative = 4 * UNIT_ROUNDOFF",
    ),
    _batch("softplus: elementary error", "2 * ELEMENTARY_ERROR + 2 * UNIT_ROUNDOFF)", "0.0)"),
    _batch(
        "log_cosh: elementary error",
        "return self._lipschitz(value, 16 * ELEMENTARY_ERROR)",
        "return self._lipschitz(value, 0.0)",
    ),
    _batch(
        "lipschitz: relative",
        "error = np.abs(value) * relative + UNDERFLOW",
        "error = np.abs(value) * 0 + UNDERFLOW",
    ),
    _batch(
        "lipschitz: underflow",
        "error = np.abs(value) * relative + UNDERFLOW",
        "error = np.abs(value) * relative",
    ),
    _batch(
        "lipschitz: inherited",
        "            error += self._bound\n        return self._made(value, error, 64)",
        "            error += 0 * self._bound\n        return self._made(value, error, 64)",
    ),
    _batch(
        "eigenvalues: defect",
        "_stretched(defect, size) * BOUND_INFLATION",
        "0 * _stretched(defect, size)",
    ),
    _batch(
        "eigenvalues: Gershgorin radius",
        "radius = transformed._row_sums(keep_diagonal=False) * BOUND_INFLATION + bound",
        "radius = 0 * bound + bound",
    ),
    _batch(
        "eigenvalues: bound on the diagonal",
        "radius = transformed._row_sums(keep_diagonal=False) * BOUND_INFLATION + bound",
        "radius = transformed._row_sums(keep_diagonal=False) * BOUND_INFLATION",
    ),
    _batch(
        "eigenvalues: bound in row sums",
        "sizes = np.abs(self.value) + self._bound",
        "sizes = np.abs(self.value)",
    ),
    _batch(
        "eigenvalues: least from above",
        "(diagonal + bound).min(axis=0))",
        "(diagonal - radius).min(axis=0))",
    ),
    _batch(
        "eigenvalues: greatest from below",
        "_between((diagonal - bound).max(axis=0)",
        "_between((diagonal + radius).max(axis=0)",
    ),
    _batch("between: radius", "np.maximum(high - middle, middle - low) + slop", "slop"),
    _batch(
        "between: slop",
        "np.maximum(high - middle, middle - low) + slop",
        "np.maximum(high - middle, middle - low)",
    ),
    _batch(
        "narrower: takes the wider",
        "take = (first <= second) | ~np.isfinite(second)",
        "take = (first > second) | ~np.isfinite(second)",
    ),
    _batch("concatenate: errors", "None if exact else np.concatenate(errors, axis)", "None"),
    Mutation("elementary: half an ulp", CONSTANTS, "ELEMENTARY_ULPS = 4", "ELEMENTARY_ULPS = 0.05"),
    Mutation("underflow: none", CONSTANTS, "UNDERFLOW = 2.0**-1022", "UNDERFLOW = 0.0"),
)
